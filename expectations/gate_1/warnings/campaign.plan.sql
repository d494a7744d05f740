select _row
from {{ batch }}
where coalesce({{ without_white_space(column) }}, '') = ''
