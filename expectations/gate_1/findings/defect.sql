select
    table_name,
    {{ joined("partition_date, '/', file_name, ', line ' || line_number") }} as place,
    {{ joined_by('; expected ', "found, nullif(expected, '')") }} as found
from delivery.defect
where _row in ({{ failing_rows }})
