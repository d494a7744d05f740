select visit._row
from {{ batch }} as visit
where exists (
    select 1
    from landing.employee as employee
    where
        employee.employee_id = visit.employee_id
        and (employee.hired_on > visit.visited_on or employee.left_on <= visit.visited_on)
)
