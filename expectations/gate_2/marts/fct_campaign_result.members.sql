with both_sides as (
    select
        campaign_id,
        targeted,
        controls,
        1 as n
    from {{ batch }}
    union all
    select
        campaign_id,
        0 as targeted,
        0 as controls,
        -1 as n
    from scratch.accepted.campaign
    union all
    select
        campaign_id,
        case when is_control then 0 else -1 end as targeted,
        case when is_control then -1 else 0 end as controls,
        0 as n
    from scratch.accepted.campaign_member
)

select campaign_id
from both_sides
group by campaign_id
having sum(targeted) <> 0 or sum(controls) <> 0 or sum(n) <> 0
