with

customer_tier as (
    select * from {{ ref('fct_customer_tier_monthly') }}
),

watched as (
    select * from {{ ref('fct_tier_watch_monthly') }}
),

near as (
    select
        segment,
        tier_code,
        sum(case when direction = 'up' then 1 else 0 end) as near_up,
        sum(case when direction = 'down' then 1 else 0 end) as near_down
    from watched
    group by segment, tier_code
),

counted as (
    select
        policy_month,
        segment,
        tier_code,
        count(*) as customers,
        {% for movement in ['new', 'up', 'same', 'down'] -%}
        sum(case when tier_movement = '{{ movement }}' then 1 else 0 end) as moved_{{ movement }},
        {% endfor -%}
        sum(case when is_flip then 1 else 0 end) as flipped,
        sum(case when flips > 0 then 1 else 0 end) as ever_flipped,
        sum(case when is_held then 1 else 0 end) as held
    from customer_tier
    group by policy_month, segment, tier_code
),

final as (
    select
        counted.policy_month,
        counted.segment,
        counted.tier_code,
        counted.customers,
        {% for name in ['new', 'up', 'same', 'down'] -%}
        cast(counted.moved_{{ name }} as bigint) as moved_{{ name }},
        {% endfor -%}
        {% for name in ['flipped', 'ever_flipped', 'held'] -%}
        cast(counted.{{ name }} as bigint) as {{ name }},
        {% endfor -%}
        cast(coalesce(near.near_up, 0) as bigint) as near_up,
        cast(coalesce(near.near_down, 0) as bigint) as near_down
    from counted
    left join near on near.segment = counted.segment and near.tier_code = counted.tier_code
)

select * from final
