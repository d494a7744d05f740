with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

rules_met as (
    select * from {{ ref('int_policy__rules_met') }}
    where is_winner
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

-- A gap fill decides only where no rule of the source text leads to the same tier.
awarded as (
    select
        customer_id,
        scheme,
        min(tier_code) as tier_code,
        min(case when is_gap_fill then 1 else 0 end) = 1 as is_gap_fill
    from rules_met
    group by customer_id, scheme
),

final as (
    select
        measures.customer_id,
        scheme.purpose,
        scheme.scheme,
        tier.tier_code,
        tier.tier_rank,
        coalesce(awarded.is_gap_fill, false) as is_gap_fill
    from measures
    inner join scheme on scheme.segment = measures.segment and scheme.resolver = 'best'
    left join awarded on awarded.customer_id = measures.customer_id and awarded.scheme = scheme.scheme
    inner join tier
        on tier.scheme = scheme.scheme and tier.tier_code = coalesce(awarded.tier_code, scheme.default_tier_code)
)

select * from final
