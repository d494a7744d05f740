select _row
from {{ batch }}
where {{ column }} >= {{ amount_limit }}
