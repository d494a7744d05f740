select listed.table_name
from {{ batch }} as listed
cross join scratch.run.context as run
where listed.value <> {{ month_start('run.business_date') }}
