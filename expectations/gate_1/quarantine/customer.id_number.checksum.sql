select _row
from {{ batch }}
where
    (id_type = 'resident_id' and not is_resident_id(id_number))
    or (id_type = 'uscc' and not is_credit_code(id_number))
