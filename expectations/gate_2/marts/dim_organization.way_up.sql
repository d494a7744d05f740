with reached as (
    select above.org_id
    from gate_2.above as above
    inner join marts.dim_organization as top on top.org_id = above.above_id
    where top.org_level = 'head_office'
)

select org_id
from {{ batch }}
where org_id not in (select reached.org_id from reached)
