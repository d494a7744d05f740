with

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

department_level as (
    {{ rows_in_force('policy_department_level') }}
),

-- A department works for the organisation above it; one without a parent stands for itself.
final as (
    select
        organization.org_id,
        case
            when department_level.org_level is not null
                then coalesce(organization.parent_org_id, organization.org_id)
            else organization.org_id
        end as base_org_id
    from organization
    left join department_level on department_level.org_level = organization.org_level
)

select * from final
