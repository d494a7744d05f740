select tiered.customer_id
from month_in_hand.fct_customer_tier_monthly as tiered
where not exists (
    select 1
    from {{ batch }} as evidence
    where
        evidence.customer_id = tiered.customer_id
        and evidence.is_winner
        and evidence.outcome = tiered.tier_code
)
