with both_sides as (
    select
        customer_id,
        customer_kind,
        lead_org_id,
        opened_on,
        1 as n
    from {{ batch }}
    union all
    select
        customer_id,
        customer_kind,
        org_id,
        opened_on,
        -1 as n
    from scratch.accepted.customer
)

select customer_id
from both_sides
group by customer_id, customer_kind, lead_org_id, opened_on
having sum(n) <> 0
