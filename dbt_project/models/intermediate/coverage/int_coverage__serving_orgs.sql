with

responsible_org as (
    select * from {{ ref('int_organization__responsible_orgs') }}
),

capacity as (
    select * from {{ ref('int_coverage__capacities') }}
),

-- The organisation that serves an outlet's duties: the nearest on the way up that has people of the role group.
final as (
    select
        responsible_org.lead_org_id,
        capacity.role_group,
        capacity.org_id as serving_org_id
    from responsible_org
    inner join capacity on capacity.org_id = responsible_org.responsible_org_id
    qualify
        row_number() over (
            partition by responsible_org.lead_org_id, capacity.role_group
            order by responsible_org.distance, capacity.org_id
        ) = 1
)

select * from final
