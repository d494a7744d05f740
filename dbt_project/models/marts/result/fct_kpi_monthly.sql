with

measured as (
    select * from {{ ref('int_result__values') }}
),

reported as (
    select * from {{ ref('int_result__reported_values') }}
),

part_sum as (
    select * from {{ ref('int_result__part_sums') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        measured.subject_kind,
        measured.subject_id,
        measured.metric,
        measured.value,
        measured.value_month,
        cast(measured.month_to_date as decimal(38, 6)) as month_to_date,
        cast(measured.quarter_to_date as decimal(38, 6)) as quarter_to_date,
        cast(measured.year_to_date as decimal(38, 6)) as year_to_date,
        case
            when measured.kind = 'stock' and measured.value > measured.year_to_date
                then {{ ratio('measured.year_to_date', 'measured.value - measured.year_to_date') }}
        end as growth_rate_year,
        reported.value as reported_value,
        reported.month as reported_month,
        cast(measured.value - part_sum.value as decimal(38, 6)) as parts_difference
    from measured
    cross join run_context
    {% for other in ['reported', 'part_sum'] -%}
    left join {{ other }}
        on
            {{ other }}.subject_kind = measured.subject_kind
            and {{ other }}.subject_id = measured.subject_id
            and {{ other }}.metric = measured.metric
    {% endfor -%}
)

select * from final
