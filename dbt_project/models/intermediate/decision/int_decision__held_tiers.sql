with

award as (
    select * from {{ ref('int_decision__awards_stage_2') }}
    where purpose = 'tier'
),

previous as (
    select * from {{ ref('stg_published__previous_tier') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

tier_entry as (
    select * from {{ ref('int_policy__tier_entries') }}
),

-- Two segments have no common scale: a row of the other segment counts as none. A former tier that the policy no longer
-- has keeps its code but has no rank.
compared as (
    select
        award.*,
        scheme.downgrade_after_months,
        previous.customer_id is null as is_new,
        previous.tier_code as previous_tier_code,
        former.tier_rank as previous_tier_rank,
        case
            when award.tier_rank > former.tier_rank then coalesce(previous.months_below, 0) + 1
            else 0
        end as months_below
    from award
    inner join scheme on scheme.scheme = award.scheme
    left join previous on previous.customer_id = award.customer_id and previous.segment = award.segment
    left join tier_entry as former on former.scheme = award.scheme and former.tier_code = previous.tier_code
),

-- A scheme may take a tier away only after several months below it; until then the customer keeps it.
held as (
    select
        *,
        months_below > 0 and months_below < downgrade_after_months as is_held
    from compared
),

final as (
    select
        customer_id,
        segment,
        scheme,
        case when is_held then previous_tier_code else tier_code end as tier_code,
        case when is_held then previous_tier_rank else tier_rank end as tier_rank,
        is_default and not is_held as is_default,
        is_gap_fill and not is_held as is_gap_fill,
        is_assumed and not is_held as is_assumed,
        is_held,
        tier_code as computed_tier_code,
        cast(case when is_held then months_below else 0 end as integer) as months_below,
        previous_tier_code,
        case
            when is_new then 'new'
            when not is_held and tier_rank < previous_tier_rank then 'up'
            when not is_held and tier_rank > previous_tier_rank then 'down'
            else 'same'
        end as tier_movement
    from held
)

select * from final
