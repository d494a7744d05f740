select _row
from {{ batch }}
where score < 0 or score > {{ policy.feedback_points }}
