-- The tables that break a rule of share.yml.
select
    table_name,
    quarantined,
    received
from gate_1.row_count
where _row in ({{ failing_rows }})
order by table_name
