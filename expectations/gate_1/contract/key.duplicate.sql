select _row
from {{ batch }}
where not is_different and copy > 1
