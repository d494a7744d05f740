select _row
from {{ batch }}
where is_required and kind = 'snapshot' and partition_date < business_date and is_stale_allowed
