select _row
from {{ batch }}
where has_invisible({{ column }})
