select _row
from {{ batch }}
where is_required and not may_be_empty and partition_date is not null and rows_received = 0 and is_fit
