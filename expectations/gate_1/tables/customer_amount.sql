-- Every accepted amount that enters a sum of its customer's, in CNY and whatever its status. A single one that no
-- published amount could hold is cut to what is just too much, so that no sum overflows here.
create or replace view gate_1.customer_amount as
with rate as (
    select
        currency,
        cny_per_unit
    from accepted.fx_rate
    where currency <> '{{ base_currency }}'
    union all
    select
        '{{ base_currency }}' as currency,
        cast(1 as decimal(18, 8)) as cny_per_unit
),

-- An overdrawn account counts as 0.
amount as (
    select
        'account' as table_name,
        'financial_assets' as measure,
        customer_id,
        currency,
        greatest(balance, coalesce(balance_mtd_average, balance), 0) as amount
    from accepted.account
    union all
    select
        'account' as table_name,
        'financial_assets' as measure,
        customer_id,
        currency,
        margin_balance as amount
    from accepted.brokerage
    union all
    select
        'brokerage' as table_name,
        'custody_margin_balance' as measure,
        customer_id,
        currency,
        margin_balance as amount
    from accepted.brokerage
    union all
    select
        'loan' as table_name,
        'loan_balance' as measure,
        customer_id,
        currency,
        principal_balance as amount
    from accepted.loan
    union all
    select
        'credit_line' as table_name,
        'target_credit_amount' as measure,
        customer_id,
        currency,
        target_amount as amount
    from accepted.credit_line
    union all
    select
        'card_transaction' as table_name,
        'card_spend_12m' as measure,
        customer_id,
        currency,
        amount
    from accepted.card_transaction
)

select
    amount.table_name,
    amount.measure,
    amount.customer_id,
    least(
        abs(cast(amount.amount as decimal(20, 2)) * rate.cny_per_unit), {{ too_much_money() }}
    ) as amount_cny
from amount
inner join rate on rate.currency = amount.currency
