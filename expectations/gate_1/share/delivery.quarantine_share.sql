select _row
from {{ batch }}
where
    quarantined > {{ policy.quarantine_row_limit }}
    and quarantined > {{ policy.quarantine_share_limit }} * received
