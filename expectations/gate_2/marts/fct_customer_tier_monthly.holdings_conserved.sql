-- Per customer; rounding may add or remove half a fen.
with holding as (
    select
        account.customer_id,
        'account' as source_table,
        account.product_type as component,
        account.status,
        greatest(
            cast(account.balance as decimal(20, 2)) * rate.cny_per_unit, {{ policy.account_balance_floor }}
        ) as balance,
        greatest(
            cast(coalesce(account.balance_mtd_average, account.balance) as decimal(20, 2)) * rate.cny_per_unit,
            {{ policy.account_balance_floor }}
        ) as average
    from scratch.accepted.account as account
    inner join gate_2.cny_rate as rate on rate.currency = account.currency
    union all
    select
        brokerage.customer_id,
        'brokerage' as source_table,
        'custody_margin' as component,
        brokerage.status,
        cast(brokerage.margin_balance as decimal(20, 2)) * rate.cny_per_unit as balance,
        cast(brokerage.margin_balance as decimal(20, 2)) * rate.cny_per_unit as average
    from scratch.accepted.brokerage as brokerage
    inner join gate_2.cny_rate as rate on rate.currency = brokerage.currency
),

weighted as (
    select
        holding.customer_id,
        coalesce(
            case assets.balance_basis when 'mtd_average' then holding.average else holding.balance end * assets.weight,
            0
        ) as financial_assets,
        coalesce(
            case deposits.balance_basis when 'mtd_average' then holding.average else holding.balance end
            * deposits.weight,
            0
        ) as deposit_balance,
        case holding.source_table when 'brokerage' then holding.balance else 0 end as custody_margin_balance
    from holding
    inner join gate_2.in_force.policy_counted_status as counted
        on counted.table_name = holding.source_table and counted.status = holding.status
    left join gate_2.in_force.policy_aum_component as assets
        on
            assets.measure_id = 'financial_assets'
            and assets.source_table = holding.source_table
            and assets.component = holding.component
    left join gate_2.in_force.policy_aum_component as deposits
        on
            deposits.measure_id = 'deposit_balance'
            and deposits.source_table = holding.source_table
            and deposits.component = holding.component
),

both_sides as (
    select
        customer_id,
        financial_assets,
        deposit_balance,
        custody_margin_balance
    from {{ batch }}
    union all
    select
        customer_id,
        -financial_assets as financial_assets,
        -deposit_balance as deposit_balance,
        -custody_margin_balance as custody_margin_balance
    from weighted
)

select customer_id
from both_sides
group by customer_id
having
    abs(sum(financial_assets)) > 0.005
    or abs(sum(deposit_balance)) > 0.005
    or abs(sum(custody_margin_balance)) > 0.005
