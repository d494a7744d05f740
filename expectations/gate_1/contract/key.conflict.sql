select _row
from {{ batch }}
where is_different
