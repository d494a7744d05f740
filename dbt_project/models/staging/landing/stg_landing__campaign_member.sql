with

campaign_member as (
    select * from {{ source('accepted', 'campaign_member') }}
),

final as (
    select
        campaign_id,
        customer_id,
        is_control,
        contacted_on,
        converted_on
    from campaign_member
)

select * from final
