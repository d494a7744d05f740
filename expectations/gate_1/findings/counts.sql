-- One row per table and partition date.
select
    table_name,
    cast(business_date as varchar) as business_date,
    sum(received) as received,
    sum(accepted) as accepted,
    sum(quarantined) as quarantined
from gate_1.file_count
group by table_name, business_date
order by table_name, business_date
