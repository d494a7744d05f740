select
    visit_id,
    employee_id,
    customer_id,
    visited_on,
    channel
from {{ source('accepted', 'visit') }}
