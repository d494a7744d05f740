with

account as (
    select * from {{ ref('stg_landing__account') }}
),

loan as (
    select * from {{ ref('stg_landing__loan') }}
),

counted_status as (
    {{ rows_in_force('policy_counted_status') }}
),

customer as (
    select * from {{ ref('int_customer__own_amounts') }}
),

action as (
    {{ rows_in_force('policy_action') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- What counts and will mature; an overdrawn account counts as the floor.
maturing as (
    select
        'product_maturing' as action_kind,
        account.customer_id,
        account.matures_on,
        greatest(account.balance_cny, cast({{ parameter('account_balance_floor') }} as decimal(30, 10))) as amount
    from account
    inner join counted_status on counted_status.table_name = 'account' and counted_status.status = account.status
    where account.matures_on is not null
    union all
    select
        'loan_maturing' as action_kind,
        loan.customer_id,
        loan.matures_on,
        loan.principal_cny as amount
    from loan
    inner join counted_status on counted_status.table_name = 'loan' and counted_status.status = loan.status
),

final as (
    select
        maturing.action_kind,
        maturing.customer_id,
        maturing.matures_on as due_on,
        1 as items,
        maturing.amount
    from maturing
    cross join run_context
    inner join customer on customer.customer_id = maturing.customer_id
    inner join action on action.action_kind = maturing.action_kind and action.segment = customer.segment
    where
        maturing.matures_on >= run_context.business_date
        and maturing.matures_on <= {{ add_days('run_context.business_date', 'action.days_ahead') }}
)

select * from final
