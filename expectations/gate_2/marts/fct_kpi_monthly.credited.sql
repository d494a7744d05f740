-- The income of the customers whose credit goes to somebody employed is the income of these people.
with both_sides as (
    select value
    from {{ batch }}
    where subject_kind = 'employee' and metric = 'credited_revenue_12m'
    union all
    select -customer.revenue_12m as value
    from month_in_hand.fct_maintenance_assignment_monthly as assignment
    inner join month_in_hand.fct_customer_360_monthly as customer on customer.customer_id = assignment.customer_id
    inner join marts.dim_employee as employee on employee.employee_id = assignment.credit_employee_id
    where
        employee.is_active
        and exists (
            select *
            from gate_2.in_force.policy_metric
            where subject_kind = 'employee' and metric = 'credited_revenue_12m'
        )
)

select sum(value) as difference
from both_sides
having sum(value) <> 0
