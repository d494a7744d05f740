with

previous_tier as (
    select * from {{ source('published', 'previous_tier') }}
),

final as (
    select
        customer_id,
        tier_code,
        tier_since,
        tier_before,
        months_below,
        flips
    from previous_tier
)

select * from final
