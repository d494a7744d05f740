with both_sides as (
    select
        tier_code,
        segment,
        tier_rank,
        label_en,
        label_zh,
        1 as n
    from {{ batch }}
    union all
    select
        tier.tier_code,
        scheme.segment,
        tier.tier_rank,
        tier.label_en,
        tier.label_zh,
        -1 as n
    from gate_2.in_force.policy_tier as tier
    inner join gate_2.in_force.policy_scheme as scheme on scheme.scheme = tier.scheme and scheme.purpose = 'tier'
)

select tier_code
from both_sides
group by tier_code, segment, tier_rank, label_en, label_zh
having sum(n) <> 0
