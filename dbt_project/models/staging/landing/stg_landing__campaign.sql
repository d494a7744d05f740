with

campaign as (
    select * from {{ source('accepted', 'campaign') }}
),

final as (
    select
        campaign_id,
        org_id,
        starts_on,
        ends_on,
        situation,
        goals,
        strategy,
        implementation,
        feedback_channel,
        planned_conversions
    from campaign
)

select * from final
