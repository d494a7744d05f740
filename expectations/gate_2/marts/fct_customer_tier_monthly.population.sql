with both_sides as (
    select
        customer_id,
        lead_org_id,
        segment,
        1 as n
    from {{ batch }}
    union all
    select
        customer_id,
        lead_org_id,
        segment,
        -1 as n
    from marts.dim_customer
)

select customer_id
from both_sides
group by customer_id, lead_org_id, segment
having sum(n) <> 0
