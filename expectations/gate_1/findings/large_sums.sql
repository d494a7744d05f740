select
    table_name,
    measure,
    customer_id
from gate_1.customer_sum
where _row in ({{ failing_rows }})
order by table_name, measure, customer_id
