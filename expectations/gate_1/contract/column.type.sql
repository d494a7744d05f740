-- `_unreadable` lists the columns whose values the reader could not type, separated by commas.
select _row
from {{ batch }}
where position(',{{ column }},' in ',' || _unreadable || ',') > 0
