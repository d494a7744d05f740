-- Plain ASCII without blanks is always visible.
select _row
from {{ batch }}
where {{ matches(joined(codes), '[^!-~]') }}
