select _row
from {{ batch }}
where
    id_type = 'resident_id'
    and length(id_number) = 18
    and substr(id_number, 7, 8) <> {{ date_digits('birth_date') }}
