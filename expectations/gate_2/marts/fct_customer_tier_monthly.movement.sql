-- A previous tier that the policy no longer has may be followed by any other as if it were the same.
select tiered.customer_id
from {{ batch }} as tiered
where
    (tiered.tier_movement = 'new') <> (tiered.previous_tier_code is null)
    or (
        tiered.tier_movement = 'same'
        and tiered.previous_tier_code <> tiered.tier_code
        and exists (
            select 1
            from marts.dim_tier as tier
            where tier.tier_code = tiered.previous_tier_code and tier.segment = tiered.segment
        )
    )
