select _row
from {{ batch }}
where usual_rows > 0 and abs(rows_received - usual_rows) > {{ policy.volume_change_limit }} * usual_rows
