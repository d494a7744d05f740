select _row
from {{ batch }}
where cast(started_at as date) <> visited_on
