with both_sides as (
    select
        org_id,
        role,
        customers,
        assigned_matching,
        assigned_other,
        unassigned
    from {{ batch }}
    union all
    select
        coalesce(pool_org_id, lead_org_id) as org_id,
        recommended_role as role,
        -1 as customers,
        case when employee_id is not null and not is_role_mismatch then -1 else 0 end as assigned_matching,
        case when is_role_mismatch then -1 else 0 end as assigned_other,
        case when employee_id is null then -1 else 0 end as unassigned
    from month_in_hand.fct_maintenance_assignment_monthly
)

select org_id
from both_sides
group by org_id, role
having
    sum(customers) <> 0
    or sum(assigned_matching) <> 0
    or sum(assigned_other) <> 0
    or sum(unassigned) <> 0
union all
select org_id
from {{ batch }}
where
    customers <> assigned_matching + assigned_other + unassigned
    or people_short <> case when people_needed > people then people_needed - people else 0 end
    or people_needed * load_cap < customers
    or (people_needed - 1) * load_cap >= customers
