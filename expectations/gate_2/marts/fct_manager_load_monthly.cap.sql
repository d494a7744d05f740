-- A choice and a manager in force stay whatever the load; nobody is given a customer beyond the cap.
with given as (
    select distinct employee_id
    from month_in_hand.fct_maintenance_assignment_monthly
    where assignment_basis in ('claim', 'allocated')
)

select batch.employee_id
from {{ batch }} as batch
inner join given on given.employee_id = batch.employee_id
where batch.assigned_customers > batch.load_cap
union all
select employee_id
from {{ batch }}
where
    load_status <> case
        when assigned_customers < load_floor then 'under'
        when assigned_customers > load_cap then 'over'
        else 'within'
    end
