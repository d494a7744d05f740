with

distance as (
    select * from {{ ref('int_decision__tier_distances') }}
),

measures as (
    select customer_id, lead_org_id from {{ ref('int_customer__measures') }}
),

run_context as (
    select
        policy_month,
        {{ parameter('near_threshold_share') }} as near_share
    from {{ ref('stg_run__context') }}
),

-- Close to the next tier from below, or close to the entry of the
-- current tier from above. A customer with the tier by another route is not close to it; one that holds it below its
-- entry is.
near as (
    select
        distance.*,
        'up' as direction,
        next_entry_bound as bound,
        amount_to_next_tier as amount
    from distance
    cross join run_context
    where own_value <= next_entry_bound and amount_to_next_tier <= next_entry_bound * run_context.near_share
    union all
    select
        distance.*,
        'down' as direction,
        own_entry_bound as bound,
        amount_above_entry as amount
    from distance
    cross join run_context
    where
        amount_above_entry <= own_entry_bound * run_context.near_share
        and (amount_above_entry >= 0 or distance.is_held)
),

final as (
    select
        run_context.policy_month,
        near.customer_id,
        near.direction,
        near.segment,
        measures.lead_org_id,
        near.tier_code,
        near.own_measure_id as measure_id,
        {{ as_money('near.own_value') }} as observed_value,
        {{ as_money('near.bound') }} as bound,
        {{ as_money('near.amount') }} as amount,
        near.months_below,
        near.is_held
    from near
    cross join run_context
    inner join measures on measures.customer_id = near.customer_id
)

select * from final
