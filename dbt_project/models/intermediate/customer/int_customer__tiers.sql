with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

rules_met as (
    {% for model in [
        'int_retail__tier_rules_met', 'int_corporate__class_rules_met', 'int_corporate__size_rules_met'
    ] -%}
    select
        customer_id,
        scheme,
        tier_rank,
        is_gap_fill
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

-- The best rank; of the rules that lead to it one of the source text goes before a gap fill, so that a gap fill
-- decides only where no other rule leads to the same tier. Both in one number: rank first, gap fill last.
best as (
    select
        customer_id,
        scheme,
        min(tier_rank * 2 + case when is_gap_fill then 1 else 0 end) as rank_and_gap
    from rules_met
    group by customer_id, scheme
),

final as (
    select
        customer.customer_id,
        scheme.scheme,
        scheme.purpose,
        tier.tier_code,
        tier.tier_rank,
        coalesce(best.rank_and_gap = tier.tier_rank * 2 + 1, false) as is_gap_fill
    from customer
    inner join scheme on scheme.segment = customer.segment and scheme.resolver = 'best'
    left join best on best.customer_id = customer.customer_id and best.scheme = scheme.scheme
    inner join tier
        on
            tier.scheme = scheme.scheme
            and case
                when best.rank_and_gap is null then tier.tier_code = scheme.default_tier_code
                else best.rank_and_gap in (tier.tier_rank * 2, tier.tier_rank * 2 + 1)
            end
)

select * from final
