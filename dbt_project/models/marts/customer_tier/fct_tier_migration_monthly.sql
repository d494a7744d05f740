with

customer_tier as (
    select * from {{ ref('fct_customer_tier_monthly') }}
),

final as (
    select
        policy_month,
        segment,
        previous_tier_code as from_tier_code,
        tier_code as to_tier_code,
        count(*) as customers,
        cast(sum(financial_assets) as decimal(38, 2)) as financial_assets
    from customer_tier
    group by policy_month, segment, previous_tier_code, tier_code
)

select * from final
