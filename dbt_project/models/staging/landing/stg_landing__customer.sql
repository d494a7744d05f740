select
    customer_id,
    customer_kind,
    org_id as lead_org_id,
    opened_on,
    wealth_admission
from {{ source('accepted', 'customer') }}
