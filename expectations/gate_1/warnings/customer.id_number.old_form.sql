select _row
from {{ batch }}
where id_type = 'resident_id' and {{ matches_whole('id_number', '[0-9]{15}') }}
