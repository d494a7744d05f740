with both_sides as (
    select
        org_id,
        parent_org_id,
        org_level,
        org_name,
        1 as n
    from {{ batch }}
    union all
    select
        org_id,
        parent_org_id,
        org_level,
        org_name,
        -1 as n
    from scratch.accepted.organization
)

select org_id
from both_sides
group by org_id, parent_org_id, org_level, org_name
having sum(n) <> 0
