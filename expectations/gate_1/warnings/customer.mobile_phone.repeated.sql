-- The last nine digits are the same.
select _row
from {{ batch }}
where
    length(mobile_phone) >= 11
    and replace(right(replace(replace(mobile_phone, '-', ''), ' ', ''), 9), right(mobile_phone, 1), '') = ''
