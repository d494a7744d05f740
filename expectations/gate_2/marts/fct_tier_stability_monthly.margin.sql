with both_sides as (
    select
        segment,
        tier_code,
        customers,
        moved_new,
        moved_up,
        moved_same,
        moved_down,
        flipped,
        ever_flipped,
        held,
        near_up,
        near_down
    from {{ batch }}
    union all
    select
        segment,
        tier_code,
        -1 as customers,
        case tier_movement when 'new' then -1 else 0 end as moved_new,
        case tier_movement when 'up' then -1 else 0 end as moved_up,
        case tier_movement when 'same' then -1 else 0 end as moved_same,
        case tier_movement when 'down' then -1 else 0 end as moved_down,
        case when is_flip then -1 else 0 end as flipped,
        case when flips > 0 then -1 else 0 end as ever_flipped,
        case when is_held then -1 else 0 end as held,
        0 as near_up,
        0 as near_down
    from month_in_hand.fct_customer_tier_monthly
    union all
    select
        segment,
        tier_code,
        0 as customers,
        0 as moved_new,
        0 as moved_up,
        0 as moved_same,
        0 as moved_down,
        0 as flipped,
        0 as ever_flipped,
        0 as held,
        case direction when 'up' then -1 else 0 end as near_up,
        case direction when 'down' then -1 else 0 end as near_down
    from month_in_hand.fct_tier_watch_monthly
)

select tier_code
from both_sides
group by segment, tier_code
having
    sum(customers) <> 0
    or sum(moved_new) <> 0
    or sum(moved_up) <> 0
    or sum(moved_same) <> 0
    or sum(moved_down) <> 0
    or sum(flipped) <> 0
    or sum(ever_flipped) <> 0
    or sum(held) <> 0
    or sum(near_up) <> 0
    or sum(near_down) <> 0
