with both_sides as (
    select
        customer_id,
        lead_org_id,
        tier_code,
        reason,
        listed_since,
        1 as n
    from {{ batch }}
    union all
    select
        customer_id,
        lead_org_id,
        tier_code,
        red_list_reason,
        red_list_since,
        -1 as n
    from month_in_hand.fct_customer_360_monthly
    where red_list_reason is not null
)

select customer_id
from both_sides
group by customer_id, lead_org_id, tier_code, reason, listed_since
having sum(n) <> 0
