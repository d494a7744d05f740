-- In whole fen, past a bound that is not included; rounding may add or remove a fen. Measures that are not amounts of
-- the table are not checked here.
with tiered as (
    select
        batch.customer_id,
        batch.amount_to_next_tier,
        entry.next_bound,
        case entry.measure_id
            when 'financial_assets' then batch.financial_assets
            when 'deposit_balance' then batch.deposit_balance
            when 'card_spend_12m' then batch.card_spend_12m
            when 'loan_balance' then batch.loan_balance
            when 'custody_margin_balance' then batch.custody_margin_balance
            when 'target_credit_amount' then batch.target_credit_amount
        end as amount
    from {{ batch }} as batch
    inner join gate_2.tier_entry as entry on entry.segment = batch.segment and entry.tier_code = batch.tier_code
)

select customer_id
from tiered
where
    (next_bound is null and amount_to_next_tier is not null)
    or (amount is not null and next_bound is not null and amount_to_next_tier is null)
    or abs(case when amount < next_bound then next_bound - amount else 0 end - amount_to_next_tier) > 0.01
