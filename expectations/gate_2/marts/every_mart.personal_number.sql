select table_name
from {{ batch }}
where scratch.main.has_personal_number(value) and value not in (select known.key from gate_2.known_key as known)
