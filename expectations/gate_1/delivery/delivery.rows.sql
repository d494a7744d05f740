select _row
from {{ batch }}
where is_fit and rows_in_file <> rows_received + rows_later
