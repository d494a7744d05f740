with

holdings as (
    select * from {{ ref('int_customer__holdings') }}
),

component as (
    {{ rows_in_force('policy_measure_component') }}
),

-- One row a kind of holding, with its weight in each measure and on which balance it rests.
weight as (
    select
        source_table,
        component,
        {% for measure_id in ['financial_assets', 'deposit_balance'] -%}
        {% for basis in ['point', 'mtd_average'] -%}
        cast(
            sum(case when measure_id = '{{ measure_id }}' and balance_basis = '{{ basis }}' then weight else 0 end)
            as decimal(5, 4)
        ) as {{ measure_id }}_{{ basis }}{{ ',' if not (loop.last and measure_id == 'deposit_balance') }}
        {% endfor -%}
        {% endfor -%}
    from component
    group by source_table, component
),

-- A holding that enters no measure still is an open account.
final as (
    select
        holdings.customer_id,
        sum(case when holdings.source_table = 'account' then 1 else 0 end) as open_accounts,
        sum(case when holdings.source_table = 'brokerage' then holdings.point_balance else 0 end)
            as custody_margin_balance,
        {% for measure_id in ['financial_assets', 'deposit_balance'] -%}
        coalesce(
            sum(
                {{ weighted('holdings.point_balance', 'weight.' ~ measure_id ~ '_point') }}
                + {{ weighted('holdings.mtd_average_balance', 'weight.' ~ measure_id ~ '_mtd_average') }}
            ),
            0
        ) as {{ measure_id }}{{ ',' if not loop.last }}
        {% endfor -%}
    from holdings
    left join weight on weight.source_table = holdings.source_table and weight.component = holdings.component
    group by holdings.customer_id
)

select * from final
