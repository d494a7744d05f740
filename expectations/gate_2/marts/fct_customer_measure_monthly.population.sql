select coalesce(measured.customer_id, tiered.customer_id) as customer_id
from {{ batch }} as measured
full outer join month_in_hand.fct_customer_tier_monthly as tiered on tiered.customer_id = measured.customer_id
where
    measured.customer_id is null
    or tiered.customer_id is null
    or abs(measured.financial_assets - tiered.financial_assets) > 0.005
    or abs(measured.deposit_balance - tiered.deposit_balance) > 0.005
    or abs(measured.card_spend_12m - tiered.card_spend_12m) > 0.005
    or abs(measured.loan_balance - tiered.loan_balance) > 0.005
    or abs(measured.custody_margin_balance - tiered.custody_margin_balance) > 0.005
    or abs(measured.target_credit_amount - tiered.target_credit_amount) > 0.005
