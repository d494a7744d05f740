select
    org_id,
    parent_org_id,
    org_level,
    org_name
from {{ source('accepted', 'organization') }}
