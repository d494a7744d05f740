with

measured as (
    select * from {{ ref('int_result__measured_values') }}
),

ratio_metric as (
    {{ rows_in_force('policy_metric') }}
),

published as (
    select * from {{ ref('int_result__published_values') }}
),

-- One row for a subject that has either of the two.
paired as (
    select
        measured.subject_kind,
        measured.subject_id,
        ratio_metric.metric,
    {% for operand in ['numerator', 'denominator'] -%}
    max(case when measured.metric = ratio_metric.{{ operand }} then measured.metric end) as {{ operand }}_metric,
    max(case when measured.metric = ratio_metric.{{ operand }} then measured.source end) as {{ operand }}_source,
    max(case when measured.metric = ratio_metric.{{ operand }} then measured.value_month end) as {{ operand }}_month,
    max(
        case
            when measured.metric <> ratio_metric.{{ operand }} then null
            when ratio_metric.ratio_basis = 'value' then measured.value
            else measured.year_to_date
        end
    ) as {{ operand }}
    {%- if not loop.last %},{% endif %}
    {% endfor %}
    from measured
    inner join ratio_metric
        on
            ratio_metric.source = 'ratio'
            and ratio_metric.subject_kind = measured.subject_kind
            and measured.metric in (ratio_metric.numerator, ratio_metric.denominator)
    group by measured.subject_kind, measured.subject_id, ratio_metric.metric
),

-- What the warehouse counts is taken at the month of what is delivered, from the month as it was published.
final as (
    select
        paired.subject_kind,
        paired.subject_id,
        paired.metric,
    {% for operand, other in [('numerator', 'denominator'), ('denominator', 'numerator')] -%}
    case
        when
            paired.{{ operand }}_source = 'warehouse'
            and paired.{{ other }}_source = 'delivered'
            and paired.{{ operand }}_month <> paired.{{ other }}_month
            then {{ operand }}_then.value
        else paired.{{ operand }}
    end as {{ operand }},
    case
        when paired.{{ operand }}_source = 'warehouse' and paired.{{ other }}_source = 'delivered'
            then paired.{{ other }}_month
        else paired.{{ operand }}_month
    end as {{ operand }}_month{{ ',' if not loop.last }}
    {% endfor %}
    from paired
    {% for operand, other in [('numerator', 'denominator'), ('denominator', 'numerator')] -%}
    left join published as {{ operand }}_then
        on
            {{ operand }}_then.subject_kind = paired.subject_kind
            and {{ operand }}_then.subject_id = paired.subject_id
            and {{ operand }}_then.metric = paired.{{ operand }}_metric
            and {{ operand }}_then.month = paired.{{ other }}_month
    {% endfor %}
)

select * from final
