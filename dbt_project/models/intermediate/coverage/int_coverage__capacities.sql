with

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

role as (
    {{ rows_in_force('policy_role') }}
),

capacity as (
    {{ rows_in_force('policy_capacity') }}
),

final as (
    select
        employee.org_id,
        role.role_group,
        count(*) as people,
        sum(capacity.upper_mark) as contacts_a_day
    from employee
    inner join role on role.role = employee.role and role.role_group is not null
    inner join capacity on capacity.role = employee.role and capacity.capacity_kind = 'contacts_a_day'
    where employee.is_active
    group by employee.org_id, role.role_group
)

select * from final
