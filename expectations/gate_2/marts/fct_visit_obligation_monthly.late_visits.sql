select distinct visit_id
from gate_2.visit_of_month_before
where is_late
