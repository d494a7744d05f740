with both_sides as (
    select
        org_id,
        source,
        prospects,
        contacted
    from {{ batch }}
    union all
    select
        prospect.org_id,
        prospect.source,
        -1 as prospects,
        case when prospect.contacted_on <= run.business_date then -1 else 0 end as contacted
    from scratch.accepted.prospect as prospect
    cross join scratch.run.context as run
)

select org_id
from both_sides
group by org_id, source
having sum(prospects) <> 0 or sum(contacted) <> 0
union all
select org_id
from {{ batch }}
where opened > prospects or opened_c1 + opened_c2 + opened_c3 > opened
