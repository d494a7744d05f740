select _row
from {{ batch }}
where linked_customer_id = customer_id
