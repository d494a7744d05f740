with

feedback as (
    select * from {{ ref('stg_landing__appraisal_feedback') }}
),

dated as (
    select
        *,
        {{ period_start('year', 'received_on') }} as year,
        channel = 'questionnaire' as is_questionnaire,
        case
            when {{ add_months(period_start('year', 'received_on'), 6) }} > received_on then 'h1'
            else 'h2'
        end as half
    from feedback
),

{% set of_half = "case when is_questionnaire and half = '%s' then %s end" -%}
final as (
    select
        year,
        employee_id,
        {% for half in ['h1', 'h2'] -%}
        count({{ of_half | format(half, '1') }}) as questionnaires_{{ half }},
        {{ rounded_ratio(
            'sum(' ~ of_half | format(half, 'score') ~ ')', 'count(' ~ of_half | format(half, 'score') ~ ')', decimals=2
        ) }} as questionnaire_score_{{ half }},
        {% endfor -%}
        count(case when not is_questionnaire then 1 end) as other_feedback
    from dated
    group by year, employee_id
)

select * from final
