-- One row per rule that quarantines a row, with the dates of those rows.
select
    rule_id,
    table_name,
    sum(rows_held) as rows_held,
    count(distinct business_date) as dates,
    max(business_date) as newest
from gate_1.quarantine
group by rule_id, table_name
order by rule_id, table_name
