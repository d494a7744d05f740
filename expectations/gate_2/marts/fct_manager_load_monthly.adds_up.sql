with both_sides as (
    select
        employee_id,
        assigned_customers,
        mismatched_customers,
        assigned_financial_assets
    from {{ batch }}
    union all
    select
        assignment.employee_id,
        -1 as assigned_customers,
        case when assignment.is_role_mismatch then -1 else 0 end as mismatched_customers,
        -tier.financial_assets as assigned_financial_assets
    from month_in_hand.fct_maintenance_assignment_monthly as assignment
    inner join month_in_hand.fct_customer_tier_monthly as tier on tier.customer_id = assignment.customer_id
    where assignment.employee_id is not null
)

select employee_id
from both_sides
group by employee_id
having
    sum(assigned_customers) <> 0
    or sum(mismatched_customers) <> 0
    or sum(assigned_financial_assets) <> 0
