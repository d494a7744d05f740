select _row
from {{ batch }}
where score < 0 or score > {{ policy.appraisal_part_points }}
