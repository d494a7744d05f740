with

tier as (
    {{ rows_in_force('policy_tier') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

final as (
    select
        tier.tier_code,
        scheme.segment,
        tier.tier_rank,
        tier.label_en,
        tier.label_zh
    from tier
    inner join scheme on scheme.scheme = tier.scheme and scheme.purpose = 'tier'
)

select * from final
