with

holdings as (
    select * from {{ ref('int_customer__holdings') }}
),

component as (
    {{ rows_in_force('policy_measure_component') }}
),

weighted as (
    select
        holdings.customer_id,
        component.measure_id,
        case component.balance_basis
            when 'mtd_average' then holdings.mtd_average_balance
            else holdings.point_balance
        end * component.weight as amount
    from holdings
    inner join component
        on component.source_table = holdings.source_table and component.component = holdings.component
),

measured as (
    select
        customer_id,
        sum(case when measure_id = 'financial_assets' then amount else 0 end) as financial_assets,
        sum(case when measure_id = 'deposit_balance' then amount else 0 end) as deposit_balance
    from weighted
    group by customer_id
),

-- A holding that enters no measure still is an open account.
held as (
    select
        customer_id,
        sum(case when source_table = 'account' then 1 else 0 end) as open_accounts,
        sum(case when source_table = 'brokerage' then point_balance else 0 end) as custody_margin_balance
    from holdings
    group by customer_id
),

final as (
    select
        held.customer_id,
        held.open_accounts,
        held.custody_margin_balance,
        coalesce(measured.financial_assets, 0) as financial_assets,
        coalesce(measured.deposit_balance, 0) as deposit_balance
    from held
    left join measured on measured.customer_id = held.customer_id
)

select * from final
