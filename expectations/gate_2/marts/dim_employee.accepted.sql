with both_sides as (
    select
        employee_id,
        org_id,
        role,
        is_active,
        1 as n
    from {{ batch }}
    union all
    select
        employee.employee_id,
        employee.org_id,
        employee.role,
        employee.hired_on <= run.business_date
        and (employee.left_on is null or employee.left_on > run.business_date) as is_active,
        -1 as n
    from scratch.accepted.employee as employee
    cross join scratch.run.context as run
)

select employee_id
from both_sides
group by employee_id, org_id, role, is_active
having sum(n) <> 0
