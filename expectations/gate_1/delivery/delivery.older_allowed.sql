select _row
from {{ batch }}
where business_date < published_on
