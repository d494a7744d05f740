select _row
from {{ batch }}
where {{ days_from('visited_on', '_biz_date') }} > {{ policy.late_visit_days }}
