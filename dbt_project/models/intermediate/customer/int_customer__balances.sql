with

holdings as (
    select * from {{ ref('int_customer__holdings') }}
),

component as (
    {{ rows_in_force('policy_aum_component') }}
),

-- One row per kind of holding, with its weight in each measure per balance basis.
weight as (
    select
        source_table,
        component,
        {{ weight_of('financial_assets', 'point') }} as financial_assets_point,
        {{ weight_of('financial_assets', 'mtd_average') }} as financial_assets_mtd_average,
        {{ weight_of('deposit_balance', 'point') }} as deposit_balance_point,
        {{ weight_of('deposit_balance', 'mtd_average') }} as deposit_balance_mtd_average
    from component
    group by source_table, component
),

-- A holding that counts towards no measure is still an open account.
final as (
    select
        holdings.customer_id,
        sum(case when holdings.source_table = 'account' then 1 else 0 end) as open_accounts,
        sum(case when holdings.source_table = 'brokerage' then holdings.point_balance else 0 end)
            as custody_margin_balance,
        coalesce(
            sum(
                {{ weighted('holdings.point_balance', 'weight.financial_assets_point') }}
                + {{ weighted('holdings.mtd_average_balance', 'weight.financial_assets_mtd_average') }}
            ),
            0
        ) as financial_assets,
        coalesce(
            sum(
                {{ weighted('holdings.point_balance', 'weight.deposit_balance_point') }}
                + {{ weighted('holdings.mtd_average_balance', 'weight.deposit_balance_mtd_average') }}
            ),
            0
        ) as deposit_balance
    from holdings
    left join weight on weight.source_table = holdings.source_table and weight.component = holdings.component
    group by holdings.customer_id
)

select * from final
