select _row
from {{ batch }}
where birth_date > _biz_date or {{ add_years('birth_date', policy.age_limit ~ ' + 1') }} <= _biz_date
