-- Plain ASCII without a blank can all be seen.
select _row
from {{ batch }}
where {{ matches(joined(codes), '[^!-~]') }}
