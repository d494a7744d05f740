select _row
from {{ batch }}
where not {{ fits_money('amount_cny') }}
