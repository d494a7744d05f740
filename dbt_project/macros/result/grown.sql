{#-
    What the month, the quarter and the year of a value have brought so far: of a level its change since the last month
    before the period, of a flow the sum over the period. Null where a month is missing.

    current: relation with subject_kind, subject_id, metric, kind, value, value_month.
    history: relation with subject_kind, subject_id, metric, month, value: the months before.
-#}
{% macro grown(current, history) -%}
    {% set periods = ['month', 'quarter', 'year'] -%}
    with

    past as (
        select
            present.subject_kind,
            present.subject_id,
            present.metric,
            {% for period in periods -%}
            {% set start = period_start(period, 'present.value_month') -%}
            max(case when history.month = {{ add_months(start, -1) }} then history.value end) as before_{{ period }},
            sum(case when history.month >= {{ start }} then history.value end) as within_{{ period }},
            count(case when history.month >= {{ start }} then history.value end) as months_of_{{ period }}
            {%- if not loop.last %},{% endif %}
            {% endfor %}
        from {{ current }} as present
        inner join {{ history }} as history
            on
                history.subject_kind = present.subject_kind
                and history.subject_id = present.subject_id
                and history.metric = present.metric
                and history.month < present.value_month
        group by present.subject_kind, present.subject_id, present.metric
    )

    select
        present.subject_kind,
        present.subject_id,
        present.metric,
        present.kind,
        present.value,
        present.value_month
        {%- for period in periods %},
        case
            when present.kind <> 'flow' then present.value - past.before_{{ period }}
            when
                coalesce(past.months_of_{{ period }}, 0)
                = {{ months_from(period_start(period, 'present.value_month'), 'present.value_month') }}
                then present.value + coalesce(past.within_{{ period }}, 0)
        end as {{ period }}_to_date
        {%- endfor %}
    from {{ current }} as present
    left join past
        on
            past.subject_kind = present.subject_kind
            and past.subject_id = present.subject_id
            and past.metric = present.metric
{%- endmacro %}
