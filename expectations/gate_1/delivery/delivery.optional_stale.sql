select _row
from {{ batch }}
where not is_required and kind = 'snapshot' and partition_date < business_date
