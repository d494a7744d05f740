with

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

base as (
    select * from {{ ref('int_organization__bases') }}
),

capacity as (
    {{ rows_in_force('policy_capacity') }}
),

final as (
    select
        employee.employee_id,
        employee.role,
        employee.org_id,
        base.base_org_id,
        capacity.lower_mark as load_floor,
        capacity.upper_mark as load_cap
    from employee
    inner join base on base.org_id = employee.org_id
    inner join capacity on capacity.role = employee.role and capacity.capacity_kind = 'customers'
    where employee.is_active
)

select * from final
