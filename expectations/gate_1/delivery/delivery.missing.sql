select _row
from {{ batch }}
where is_required and partition_date is null
