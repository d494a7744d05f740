select _row
from {{ batch }}
where is_required and kind = 'snapshot' and partition_date < business_date and not is_stale_allowed
