select tiered.customer_id
from {{ batch }} as tiered
where not exists (
    select 1
    from marts.dim_tier as tier
    where tier.tier_code = tiered.tier_code and tier.segment = tiered.segment and tier.tier_rank = tiered.tier_rank
)
