select
    card_id,
    customer_id,
    card_kind,
    card_grade,
    status
from {{ source('accepted', 'card') }}
