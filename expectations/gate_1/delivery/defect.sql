-- The reader names the rule that a file breaks.
select _row
from {{ batch }}
where rule = '{{ rule }}'
