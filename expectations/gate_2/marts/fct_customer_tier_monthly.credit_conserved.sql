with both_sides as (
    select
        customer_id,
        loan_balance,
        target_credit_amount
    from {{ batch }}
    union all
    select
        loan.customer_id,
        -cast(loan.principal_balance as decimal(20, 2)) * rate.cny_per_unit as loan_balance,
        0 as target_credit_amount
    from scratch.accepted.loan as loan
    inner join gate_2.cny_rate as rate on rate.currency = loan.currency
    inner join gate_2.in_force.policy_counted_status as counted
        on counted.table_name = 'loan' and counted.status = loan.status
    union all
    select
        line.customer_id,
        0 as loan_balance,
        -cast(line.target_amount as decimal(20, 2)) * rate.cny_per_unit as target_credit_amount
    from scratch.accepted.credit_line as line
    cross join scratch.run.context as run
    inner join gate_2.cny_rate as rate on rate.currency = line.currency
    where line.valid_from <= run.business_date and (line.valid_to is null or line.valid_to > run.business_date)
)

select customer_id
from both_sides
group by customer_id
having abs(sum(loan_balance)) > 0.005 or abs(sum(target_credit_amount)) > 0.005
