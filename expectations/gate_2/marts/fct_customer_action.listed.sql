with both_sides as (
    select
        lead_org_id,
        action_kind,
        1 as n
    from {{ batch }}
    union all
    select
        lead_org_id,
        action_kind,
        -actions as n
    from marts.fct_customer_action_count
    where outcome = 'listed'
)

select
    lead_org_id,
    action_kind
from both_sides
group by lead_org_id, action_kind
having sum(n) <> 0
