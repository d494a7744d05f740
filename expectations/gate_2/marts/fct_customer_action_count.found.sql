-- Every action found is listed or dropped, once.
with both_sides as (
    select
        lead_org_id,
        action_kind,
        actions as n
    from {{ batch }}
    union all
    select
        lead_org_id,
        action_kind,
        -1 as n
    from scratch.intermediate.int_action__found
)

select
    lead_org_id,
    action_kind
from both_sides
group by lead_org_id, action_kind
having sum(n) <> 0
