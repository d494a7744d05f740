with manager as (
    select *
    from {{ batch }}
    where relation = 'manager' and since <= _biz_date and (until is null or until > _biz_date)
)

select manager._row
from manager
where exists (
    select 1
    from landing.employee as employee
    where
        employee.employee_id = manager.employee_id
        and (employee.hired_on > manager._biz_date or employee.left_on <= manager._biz_date)
)
