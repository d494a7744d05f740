select
    customer_id,
    tier_code
from {{ source('published', 'previous_tier') }}
