select visit._row
from {{ batch }} as visit
where not exists (
    select 1
    from landing.employee as employee
    where employee.employee_id = visit.employee_id
)
