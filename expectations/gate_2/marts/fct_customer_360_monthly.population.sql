with both_sides as (
    select
        customer_id,
        as_of_date,
        segment,
        lead_org_id,
        tier_code,
        1 as n
    from {{ batch }}
    union all
    select
        customer_id,
        as_of_date,
        segment,
        lead_org_id,
        tier_code,
        -1 as n
    from month_in_hand.fct_customer_tier_monthly
)

select customer_id
from both_sides
group by customer_id, as_of_date, segment, lead_org_id, tier_code
having sum(n) <> 0
