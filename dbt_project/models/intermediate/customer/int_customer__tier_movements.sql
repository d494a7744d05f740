with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

awarded as (
    select * from {{ ref('int_customer__tiers') }}
    where purpose = 'tier'
),

tier_entry as (
    select * from {{ ref('int_policy__tier_entries') }}
),

previous as (
    select * from {{ ref('stg_run__previous_tier') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

-- A former tier that the policy no longer has keeps its code and has no rank.
ranked_previous as (
    select
        previous.customer_id,
        previous.tier_code,
        tier.tier_rank
    from previous
    left join tier_entry on tier_entry.tier_code = previous.tier_code
    left join tier on tier.scheme = tier_entry.scheme and tier.tier_code = tier_entry.tier_code
),

final as (
    select
        awarded.customer_id,
        awarded.tier_code,
        awarded.tier_rank,
        awarded.is_gap_fill,
        tier_entry.is_default,
        ranked_previous.tier_code as previous_tier_code,
        case
            when ranked_previous.customer_id is null then 'new'
            when awarded.tier_rank < ranked_previous.tier_rank then 'up'
            when awarded.tier_rank > ranked_previous.tier_rank then 'down'
            else 'same'
        end as tier_movement,
        tier_entry.next_entry_bound
        - case tier_entry.own_measure_id
            when 'financial_assets' then measures.financial_assets
            when 'deposit_balance' then measures.deposit_balance
        end as amount_to_next_tier
    from awarded
    inner join measures on measures.customer_id = awarded.customer_id
    inner join tier_entry on tier_entry.scheme = awarded.scheme and tier_entry.tier_code = awarded.tier_code
    left join ranked_previous on ranked_previous.customer_id = awarded.customer_id
)

select * from final
