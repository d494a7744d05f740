select _row
from {{ batch }}
where table_name is null
