select _row
from {{ batch }}
where
    is_required
    and kind = 'snapshot'
    and (
        quarantined > {{ policy.lost_table_share_limit }} * received
        or (accepted = 0 and received > 0 and not may_be_empty)
    )
