-- One row per place and role that a customer asked for asks for and that lacks people.
with

capacity as (
    select * from published.fct_maintenance_capacity_monthly
    where people_short > 0
),

place as (
    select distinct
        coalesce(pool_org_id, lead_org_id) as org_id,
        recommended_role as role
    from proposal.customer
    where is_asked_for
),

organization as (
    select * from published.dim_organization
),

final as (
    select
        capacity.org_id,
        organization.org_name,
        capacity.role,
        capacity.customers,
        capacity.assigned_matching,
        capacity.assigned_other,
        capacity.unassigned,
        capacity.people,
        capacity.load_cap,
        capacity.people_needed,
        capacity.people_short
    from capacity
    inner join place on place.org_id = capacity.org_id and place.role = capacity.role
    left join organization on organization.org_id = capacity.org_id
)

select * from final
order by people_short desc, org_id asc, role asc
