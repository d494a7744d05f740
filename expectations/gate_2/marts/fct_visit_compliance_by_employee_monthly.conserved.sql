with made as (
    select
        visit.employee_id,
        count(distinct visit.visit_id) as visits,
        count(distinct visit.customer_id) as customers
    from scratch.accepted.visit as visit
    cross join scratch.run.context as run
    where visit.visited_on between {{ month_start('run.business_date') }} and run.business_date
    group by visit.employee_id
)

select person.employee_id
from {{ batch }} as person
left join marts.dim_employee as employee on employee.employee_id = person.employee_id
left join made on made.employee_id = person.employee_id
where
    person.role is distinct from employee.role
    or person.org_id is distinct from employee.org_id
    or person.counted_contacts > coalesce(made.visits, 0)
    or person.customers_contacted > coalesce(made.customers, 0)
    or person.customers_contacted > person.counted_contacts
