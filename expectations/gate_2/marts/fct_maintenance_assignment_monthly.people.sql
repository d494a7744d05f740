-- Whoever maintains a customer, stands beside, advises or earns the credit is employed; nobody is where nobody could.
with named as (
    select
        customer_id,
        employee_id
    from {{ batch }}
    where employee_id is not null
    union all
    select
        customer_id,
        credit_employee_id as employee_id
    from {{ batch }}
    where credit_employee_id is not null
    union all
    select
        customer_id,
        beside_employee_id as employee_id
    from {{ batch }}
    where beside_employee_id is not null
    union all
    select
        customer_id,
        specialist_employee_id as employee_id
    from {{ batch }}
    where specialist_employee_id is not null
),

employed as (
    select employee_id
    from marts.dim_employee
    where is_active
)

select named.customer_id
from named
left join employed on employed.employee_id = named.employee_id
where employed.employee_id is null
union all
select customer_id
from {{ batch }}
where (assignment_basis = 'unassigned') <> (employee_id is null)
