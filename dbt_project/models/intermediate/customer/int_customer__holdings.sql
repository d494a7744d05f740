{{ config(materialized="view") }}

with

account as (
    select * from {{ ref('stg_landing__account') }}
),

brokerage as (
    select * from {{ ref('stg_landing__brokerage') }}
),

counted_status as (
    {{ rows_in_force('policy_counted_status') }}
),

-- An overdrawn account counts as the floor; the negative balance stays in the accepted rows for the reconciliation.
final as (
    select
        account.customer_id,
        'account' as source_table,
        account.product_type as component,
        greatest(
            account.balance_cny, cast({{ parameter('account_balance_floor') }} as decimal(30, 10))
        ) as point_balance,
        greatest(
            coalesce(account.balance_mtd_average_cny, account.balance_cny),
            cast({{ parameter('account_balance_floor') }} as decimal(30, 10))
        ) as mtd_average_balance
    from account
    inner join counted_status on counted_status.table_name = 'account' and counted_status.status = account.status
    union all
    select
        brokerage.customer_id,
        'brokerage' as source_table,
        'custody_margin' as component,
        brokerage.margin_balance_cny as point_balance,
        brokerage.margin_balance_cny as mtd_average_balance
    from brokerage
    inner join counted_status on counted_status.table_name = 'brokerage' and counted_status.status = brokerage.status
)

select * from final
