select _row
from {{ batch }}
where not is_required and partition_date is null
