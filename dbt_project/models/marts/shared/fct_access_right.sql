with

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

base as (
    select * from {{ ref('int_organization__bases') }}
),

ancestor as (
    select * from {{ ref('int_organization__ancestors') }}
),

access as (
    {{ rows_in_force('policy_access') }}
),

-- Every row of the policy that speaks of the employee; * is any level or role.
allowed as (
    select
        employee.employee_id,
        employee.org_id,
        base.base_org_id,
        access.scope,
        access.rule_id
    from employee
    inner join organization on organization.org_id = employee.org_id
    inner join base on base.org_id = employee.org_id
    inner join access on access.role in (employee.role, '*') and access.org_level in (organization.org_level, '*')
    where employee.is_active
),

-- The widest scope first.
reached as (
    select
        allowed.employee_id,
        organization.org_id,
        allowed.scope,
        1 as scope_rank,
        allowed.rule_id
    from allowed
    cross join organization
    where allowed.scope = 'bank'
    union all
    select
        allowed.employee_id,
        ancestor.org_id,
        allowed.scope,
        2 as scope_rank,
        allowed.rule_id
    from allowed
    inner join ancestor on ancestor.ancestor_org_id = allowed.base_org_id
    where allowed.scope = 'subtree'
    union all
    select
        employee_id,
        org_id,
        scope,
        case scope when 'organization' then 3 else 4 end as scope_rank,
        rule_id
    from allowed
    where scope in ('organization', 'customers')
),

final as (
    select
        employee_id,
        org_id,
        scope,
        rule_id
    from reached
    qualify row_number() over (partition by employee_id, org_id order by scope_rank nulls last, rule_id nulls last) = 1
)

select * from final
