with

customer_tier_month as (
    select * from {{ source('published', 'customer_tier_month') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        customer_tier_month.customer_id,
        customer_tier_month.segment,
        customer_tier_month.tier_code,
        customer_tier_month.tier_since,
        customer_tier_month.tier_before,
        customer_tier_month.months_below,
        customer_tier_month.flips
    from customer_tier_month
    inner join run_context
        on customer_tier_month.policy_month = {{ add_months('run_context.policy_month', -1) }}
)

select * from final
