with

employee as (
    select * from {{ source('accepted', 'employee') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        employee.employee_id,
        employee.org_id,
        employee.role,
        employee.hired_on,
        employee.left_on,
        employee.hired_on <= run_context.business_date
        and (employee.left_on is null or employee.left_on > run_context.business_date) as is_active
    from employee
    cross join run_context
)

select * from final
