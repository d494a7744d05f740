select _row
from {{ batch }}
where month <> {{ month_start('month') }}
