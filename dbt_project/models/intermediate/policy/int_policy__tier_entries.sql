with

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

condition as (
    {{ rows_in_force('policy_tier_rule') }}
),

rule_bounds as (
    select * from {{ ref('int_policy__rule_bounds') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

-- A tier that the scheme's own measure alone can open, and from which amount on.
entry as (
    select
        condition.scheme,
        tier.tier_rank,
        min(condition.lower_bound) as entry_bound
    from condition
    inner join scheme on scheme.scheme = condition.scheme and scheme.own_measure_id = condition.measure_id
    inner join rule_bounds on rule_bounds.rule_id = condition.rule_id and rule_bounds.conditions = 1
    inner join tier on tier.scheme = condition.scheme and tier.tier_code = condition.tier_code
    where condition.lower_bound is not null
    group by condition.scheme, tier.tier_rank
),

final as (
    select
        tier.scheme,
        tier.tier_code,
        tier.tier_code = scheme.default_tier_code as is_default,
        scheme.own_measure_id,
        entry.entry_bound as next_entry_bound
    from tier
    inner join scheme on scheme.scheme = tier.scheme and scheme.purpose = 'tier'
    left join entry on entry.scheme = tier.scheme and entry.tier_rank < tier.tier_rank
    qualify
        row_number() over (
            partition by tier.scheme, tier.tier_code order by entry.tier_rank desc nulls last
        ) = 1
)

select * from final
