with both_sides as (
    select
        segment,
        from_tier_code,
        to_tier_code,
        customers,
        financial_assets
    from {{ batch }}
    union all
    select
        segment,
        previous_tier_code,
        tier_code,
        -1 as customers,
        -financial_assets as financial_assets
    from month_in_hand.fct_customer_tier_monthly
)

select to_tier_code
from both_sides
group by segment, from_tier_code, to_tier_code
having sum(customers) <> 0 or sum(financial_assets) <> 0
