-- A customer is near if the distance to the next entry, or above its own, is at most the policy's share of the bound;
-- one that holds a tier below its entry is near it. Measures that are not amounts are not checked here.
with measured as (
    select
        tiered.customer_id,
        tiered.tier_code,
        tiered.is_held,
        tiered.amount_to_next_tier,
        entry.measure_id,
        entry.own_bound,
        entry.next_bound,
        case entry.measure_id
            when 'financial_assets' then measure.financial_assets
            when 'deposit_balance' then measure.deposit_balance
            when 'card_spend_12m' then measure.card_spend_12m
            when 'loan_balance' then measure.loan_balance
            when 'custody_margin_balance' then measure.custody_margin_balance
            when 'target_credit_amount' then measure.target_credit_amount
        end as amount
    from month_in_hand.fct_customer_tier_monthly as tiered
    inner join month_in_hand.fct_customer_measure_monthly as measure on measure.customer_id = tiered.customer_id
    inner join gate_2.tier_entry as entry on entry.segment = tiered.segment and entry.tier_code = tiered.tier_code
),

judged as (
    select measure_id
    from measured
    where amount is not null
),

both_sides as (
    select
        customer_id,
        direction,
        tier_code,
        amount,
        1 as n
    from {{ batch }}
    where measure_id in (select judged.measure_id from judged)
    union all
    select
        customer_id,
        'up' as direction,
        tier_code,
        amount_to_next_tier as amount,
        -1 as n
    from measured
    where amount <= next_bound and amount_to_next_tier <= next_bound * {{ policy.near_threshold_share }}
    union all
    select
        customer_id,
        'down' as direction,
        tier_code,
        round(amount - own_bound, 2) as amount,
        -1 as n
    from measured
    where
        amount - own_bound <= own_bound * {{ policy.near_threshold_share }}
        and (amount >= own_bound or is_held)
)

select customer_id
from both_sides
group by customer_id, direction, tier_code, amount
having sum(n) <> 0
