with both_sides as (
    select
        customer_id,
        tier_code,
        lead_org_id,
        recommended_role,
        1 as n
    from {{ batch }}
    union all
    select
        customer_id,
        tier_code,
        lead_org_id,
        recommended_role,
        -1 as n
    from month_in_hand.fct_customer_tier_monthly
    where recommended_role is not null
)

select customer_id
from both_sides
group by customer_id, tier_code, lead_org_id, recommended_role
having sum(n) <> 0
