with

measured as (
    select * from {{ ref('int_result__measured_values') }}
),

ratio_value as (
    select * from {{ ref('int_result__ratio_values') }}
),

published as (
    select * from {{ ref('int_result__published_values') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- The months before are those of this refresh, whatever month a delivered part of the ratio is of.
present_ratio as (
    select
        ratio_value.subject_kind,
        ratio_value.subject_id,
        ratio_value.metric,
        ratio_value.kind,
        ratio_value.value,
        run_context.policy_month as value_month
    from ratio_value
    cross join run_context
),

ratio_growth as (
    {{ grown('present_ratio', 'published') | indent(4) }}
),

final as (
    select
        subject_kind,
        subject_id,
        metric,
        kind,
        source,
        value,
        value_month,
        month_to_date,
        quarter_to_date,
        year_to_date
    from measured
    union all
    select
        ratio_growth.subject_kind,
        ratio_growth.subject_id,
        ratio_growth.metric,
        ratio_growth.kind,
        'ratio' as source,
        ratio_growth.value,
        ratio_value.value_month,
        ratio_growth.month_to_date,
        ratio_growth.quarter_to_date,
        ratio_growth.year_to_date
    from ratio_growth
    inner join ratio_value
        on
            ratio_value.subject_kind = ratio_growth.subject_kind
            and ratio_value.subject_id = ratio_growth.subject_id
            and ratio_value.metric = ratio_growth.metric
)

select * from final
