select _row
from {{ batch }}
where received <> accepted + quarantined
