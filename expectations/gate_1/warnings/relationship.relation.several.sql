with manager as (
    select
        _row,
        count(*) over (partition by customer_id) as managers
    from {{ batch }}
    where relation = 'manager' and since <= _biz_date and (until is null or until > _biz_date)
)

select _row
from manager
where managers > 1
