with

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

branch as (
    select * from {{ ref('int_organization__branches') }}
),

load as (
    select * from {{ ref('fct_manager_load_monthly') }}
),

-- Outlets of a branch, and people of a role in a branch who maintain customers.
grouped as (
    select
        'org' as subject_kind,
        organization.org_id as subject_id,
        branch.branch_org_id as peer_group,
        {{ parameter('org_peer_minimum') }} as peer_minimum
    from organization
    inner join branch on branch.org_id = organization.org_id
    where organization.org_level in {{ listed('ranked_org_level') }}
    union all
    select
        'employee' as subject_kind,
        load.employee_id as subject_id,
        branch.branch_org_id || ':' || load.role as peer_group,
        {{ parameter('peer_minimum') }} as peer_minimum
    from load
    inner join branch on branch.org_id = load.org_id
),

final as (
    select
        subject_kind,
        subject_id,
        peer_group,
        count(*) over (partition by subject_kind, peer_group) as peers,
        count(*) over (partition by subject_kind, peer_group) >= peer_minimum as is_ranked
    from grouped
)

select * from final
