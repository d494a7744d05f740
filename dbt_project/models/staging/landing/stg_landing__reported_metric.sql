with

reported_metric as (
    select * from {{ source('accepted', 'reported_metric') }}
),

final as (
    select
        org_id,
        metric,
        month,
        value
    from reported_metric
)

select * from final
