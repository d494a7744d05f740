with

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

condition as (
    select * from {{ ref('int_policy__conditions') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

-- Tiers that the scheme's own measure alone can open, with the amount from which it does.
entry as (
    select
        condition.scheme,
        tier.tier_rank,
        condition.lower_bound as entry_bound,
        condition.lower_inclusive as is_included
    from condition
    inner join scheme on scheme.scheme = condition.scheme and scheme.own_measure_id = condition.measure_id
    inner join tier on tier.scheme = condition.scheme and tier.tier_code = condition.tier_code
    where condition.lower_bound is not null and condition.is_plain
    qualify
        row_number() over (
            partition by condition.scheme, tier.tier_rank
            order by condition.lower_bound asc nulls last, condition.lower_inclusive desc nulls last
        ) = 1
),

final as (
    select
        tier.scheme,
        tier.tier_code,
        tier.tier_rank,
        scheme.own_measure_id,
        own_entry.entry_bound as own_entry_bound,
        own_entry.is_included as own_entry_is_included,
        next_entry.entry_bound as next_entry_bound,
        next_entry.is_included as next_entry_is_included
    from tier
    inner join scheme on scheme.scheme = tier.scheme and scheme.purpose = 'tier'
    left join entry as own_entry on own_entry.scheme = tier.scheme and own_entry.tier_rank = tier.tier_rank
    left join entry as next_entry
        on
            next_entry.scheme = tier.scheme
            and next_entry.tier_rank < tier.tier_rank
            and (coalesce(tier.tier_code <> scheme.default_tier_code, true) or scheme.default_lifted_by_own_measure)
    qualify
        row_number() over (
            partition by tier.scheme, tier.tier_code order by next_entry.tier_rank desc nulls last
        ) = 1
)

select * from final
