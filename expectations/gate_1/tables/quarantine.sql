-- One row per table, partition date, key and rule.
create or replace table gate_1.quarantine as
select
    table_name,
    business_date,
    row_key,
    rule_id,
    'quarantine' as severity,
    count(*) as rows_held,
    count(case when is_first then 1 end) as rows_counted
from gate_1.quarantined_row
group by table_name, business_date, row_key, rule_id;
