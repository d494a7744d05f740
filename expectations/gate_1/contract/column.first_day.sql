select _row
from {{ batch }}
where {{ column }} <> {{ first_of_period(column, first_of) }}
