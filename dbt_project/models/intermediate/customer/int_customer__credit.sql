with

loan as (
    select * from {{ ref('stg_landing__loan') }}
),

credit_line as (
    select * from {{ ref('stg_landing__credit_line') }}
),

counted_status as (
    {{ rows_in_force('policy_counted_status') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

credit as (
    select
        loan.customer_id,
        loan.principal_cny as loan_balance,
        0 as target_credit_amount,
        0 as approved_credit_amount,
        0 as valid_credit_lines
    from loan
    inner join counted_status on counted_status.table_name = 'loan' and counted_status.status = loan.status
    union all
    select
        credit_line.customer_id,
        0 as loan_balance,
        credit_line.target_cny as target_credit_amount,
        credit_line.approved_cny as approved_credit_amount,
        1 as valid_credit_lines
    from credit_line
    cross join run_context
    where
        credit_line.valid_from <= run_context.business_date
        and (credit_line.valid_to is null or credit_line.valid_to > run_context.business_date)
),

-- Credit customer: a valid approved line or outstanding principal (R48).
final as (
    select
        customer_id,
        sum(loan_balance) as loan_balance,
        sum(target_credit_amount) as target_credit_amount,
        sum(valid_credit_lines) as valid_credit_lines,
        max(case when approved_credit_amount > 0 or loan_balance > 0 then 1 else 0 end) = 1 as is_credit_customer
    from credit
    group by customer_id
)

select * from final
