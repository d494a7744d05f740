with

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

-- The organisation itself, or its nearest ancestor at the level.
nearest as (
    select
        org_id,
        ancestor_level,
        ancestor_org_id
    from ancestors
    qualify row_number() over (partition by org_id, ancestor_level order by distance, ancestor_org_id) = 1
),

levels as (
    select
        org_id,
        max(case ancestor_level when 'outlet' then ancestor_org_id end) as outlet_id,
        max(case ancestor_level when 'sub_branch' then ancestor_org_id end) as sub_branch_id,
        max(case ancestor_level when 'branch' then ancestor_org_id end) as branch_id,
        max(case ancestor_level when 'province_branch' then ancestor_org_id end) as province_branch_id
    from nearest
    group by org_id
),

final as (
    select
        organization.org_id,
        organization.org_name,
        organization.org_level,
        organization.parent_org_id,
        levels.outlet_id,
        levels.sub_branch_id,
        levels.branch_id,
        levels.province_branch_id
    from organization
    left join levels on levels.org_id = organization.org_id
)

select * from final
