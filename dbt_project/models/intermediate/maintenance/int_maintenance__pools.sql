with

people as (
    select * from {{ ref('int_maintenance__people') }}
),

base as (
    select * from {{ ref('int_organization__bases') }}
),

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

place as (
    select
        base_org_id,
        role,
        count(*) as people
    from people
    group by base_org_id, role
),

-- The nearest organisation on the way up that has people of the role, its own or those of its departments.
final as (
    select
        base.org_id as lead_org_id,
        place.role,
        place.base_org_id as pool_org_id,
        place.people
    from base
    inner join ancestors on ancestors.org_id = base.base_org_id
    inner join place on place.base_org_id = ancestors.ancestor_org_id
    qualify
        row_number() over (
            partition by base.org_id, place.role order by ancestors.distance, ancestors.ancestor_org_id
        ) = 1
)

select * from final
