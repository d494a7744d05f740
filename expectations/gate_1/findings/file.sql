select
    table_name,
    {{ joined_by('/', 'business_date, file_name') }} as place,
    {{ joined("'the file has ', rows_in_file, ' rows, ', rows_received, ' were read'") }} as found
from delivery.file
where _row in ({{ failing_rows }})
