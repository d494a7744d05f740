with

kpi_month as (
    select * from {{ source('published', 'kpi_month') }}
),

final as (
    select
        policy_month,
        subject_kind,
        subject_id,
        metric,
        value
    from kpi_month
)

select * from final
