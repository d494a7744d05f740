select
    coalesce(table_name, 'landing zone') as table_name,
    cast(null as varchar) as place,
    name as found
from delivery.stray
where _row in ({{ failing_rows }})
