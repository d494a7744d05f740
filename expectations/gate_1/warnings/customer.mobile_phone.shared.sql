with phone as (
    select
        _row,
        count(*) over (partition by mobile_phone) as customers
    from {{ batch }}
    where mobile_phone is not null
)

select _row
from phone
where customers > {{ policy.shared_phone_limit }}
