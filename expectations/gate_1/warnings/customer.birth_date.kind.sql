select _row
from {{ batch }}
where birth_date is not null and customer_kind not in ('personal', 'sole_proprietor')
