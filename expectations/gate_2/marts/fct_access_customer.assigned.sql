with named as (
    select
        unnest([employee_id, credit_employee_id, beside_employee_id, specialist_employee_id]) as employee_id,
        customer_id
    from month_in_hand.fct_maintenance_assignment_monthly
),

both_sides as (
    select
        employee_id,
        customer_id,
        1 as n
    from {{ batch }}
    union all
    select distinct
        named.employee_id,
        named.customer_id,
        -1 as n
    from named
    inner join marts.fct_access_right as access_right on access_right.employee_id = named.employee_id
)

select employee_id
from both_sides
group by employee_id, customer_id
having sum(n) <> 0
