select
    customer_id,
    established_on,
    registered_capital,
    institution_type,
    administrative_level,
    is_co_managed
from {{ source('accepted', 'corporate_profile') }}
