-- A row of the other segment counts as none: two scales have no common rank.
select tiered.customer_id
from {{ batch }} as tiered
left join scratch.published.customer_tier_month as published
    on
        published.customer_id = tiered.customer_id
        and published.segment = tiered.segment
        and published.policy_month = {{ add_months('tiered.policy_month', -1) }}
where tiered.previous_tier_code is distinct from published.tier_code
