select _row
from {{ batch }}
where parent_org_id = org_id
