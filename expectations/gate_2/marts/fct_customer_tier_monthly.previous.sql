select tiered.customer_id
from {{ batch }} as tiered
left join scratch.published.previous_tier as published on published.customer_id = tiered.customer_id
where tiered.previous_tier_code is distinct from published.tier_code
