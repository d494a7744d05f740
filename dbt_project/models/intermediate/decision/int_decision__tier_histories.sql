with

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

previous as (
    select * from {{ ref('stg_published__previous_tier') }}
),

run_context as (
    select
        policy_month,
        {{ add_months('policy_month', -1) }} as previous_month,
        {{ add_months('policy_month', '-' ~ parameter('flip_window_months')) }} as flip_window_opens_on
    from {{ ref('stg_run__context') }}
),

compared as (
    select
        held.customer_id,
        held.tier_code,
        held.previous_tier_code,
        coalesce(previous.tier_since, run_context.previous_month) as previous_since,
        previous.tier_before,
        coalesce(previous.flips, 0) as flips,
        held.previous_tier_code is not null and held.previous_tier_code <> held.tier_code as is_changed,
        run_context.policy_month,
        run_context.flip_window_opens_on
    from held
    cross join run_context
    left join previous on previous.customer_id = held.customer_id and previous.segment = held.segment
),

-- A flip is a return to the tier before the last one, within the window. The state is carried from month to month.
flipped as (
    select
        *,
        is_changed
        and coalesce(tier_before = tier_code, false)
        and previous_since >= flip_window_opens_on as is_flip
    from compared
),

final as (
    select
        customer_id,
        case when previous_tier_code is null or is_changed then policy_month else previous_since end as tier_since,
        case when is_changed then previous_tier_code else tier_before end as tier_before,
        is_flip,
        cast(flips + case when is_flip then 1 else 0 end as integer) as flips
    from flipped
)

select * from final
