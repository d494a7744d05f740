-- One row per table, for the rules of share.yml.
create or replace table gate_1.row_count as
with counted as (
    select
        table_name,
        cast(sum(received) as bigint) as received,
        cast(sum(accepted) as bigint) as accepted,
        cast(sum(quarantined) as bigint) as quarantined
    from gate_1.file_count
    group by table_name
),

delivered as (
    select distinct
        table_name,
        kind,
        is_required,
        may_be_empty
    from delivery.partition
)

select
    row_number() over (order by counted.table_name nulls last) as _row,
    counted.table_name,
    delivered.kind,
    delivered.is_required,
    delivered.may_be_empty,
    counted.received,
    counted.accepted,
    counted.quarantined
from counted
inner join delivered on delivered.table_name = counted.table_name;
