select
    customer_id,
    tier_code,
    tier_since,
    tier_before,
    months_below,
    flips
from {{ source('published', 'previous_tier') }}
