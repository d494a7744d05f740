with

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

department_level as (
    {{ rows_in_force('policy_department_level') }}
),

departments as (
    select
        organization.org_id,
        organization.parent_org_id
    from organization
    inner join department_level on department_level.org_level = organization.org_level
),

-- The lead outlet, the organisations above it and their departments, with the number of levels up to them.
reachable as (
    select
        org_id as lead_org_id,
        ancestor_org_id as responsible_org_id,
        distance
    from ancestors
    union all
    select
        ancestors.org_id as lead_org_id,
        departments.org_id as responsible_org_id,
        ancestors.distance
    from ancestors
    inner join departments on departments.parent_org_id = ancestors.ancestor_org_id
    where ancestors.distance > 0
),

final as (
    select
        lead_org_id,
        responsible_org_id,
        min(distance) as distance
    from reachable
    group by lead_org_id, responsible_org_id
)

select * from final
