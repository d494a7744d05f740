select
    table_name,
    cast(partition_date as varchar) as place,
    case
        when usual_rows > 0
            then {{ joined("rows_received, ' rows, usually ', cast(round(usual_rows) as bigint)") }}
    end as found
from delivery.partition
where _row in ({{ failing_rows }})
