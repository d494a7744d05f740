select _row
from {{ batch }}
where id_type in ('resident_id', 'uscc') and id_number <> upper(id_number)
