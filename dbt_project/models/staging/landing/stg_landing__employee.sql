select
    employee_id,
    org_id,
    role,
    hired_on,
    left_on
from {{ source('accepted', 'employee') }}
