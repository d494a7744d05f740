with named as (
    select
        employee_id,
        customer_id
    from month_in_hand.fct_maintenance_assignment_monthly
    union
    select
        credit_employee_id,
        customer_id
    from month_in_hand.fct_maintenance_assignment_monthly
    union
    select
        beside_employee_id,
        customer_id
    from month_in_hand.fct_maintenance_assignment_monthly
    union
    select
        specialist_employee_id,
        customer_id
    from month_in_hand.fct_maintenance_assignment_monthly
),

with_right as (
    select distinct employee_id
    from marts.fct_access_right
),

both_sides as (
    select
        employee_id,
        customer_id,
        1 as n
    from {{ batch }}
    union all
    select
        named.employee_id,
        named.customer_id,
        -1 as n
    from named
    inner join with_right on with_right.employee_id = named.employee_id
)

select employee_id
from both_sides
group by employee_id, customer_id
having sum(n) <> 0
