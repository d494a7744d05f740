{#- What each customer is awarded by the schemes of one stage that take the best rule.

    rules_met: a relation as rules_met() yields it. A flag is set only if every rule that leads to the best tier has it:
    a rule of the source takes precedence over a gap fill, a stated rule over an assumed one. Rank and flag are packed
    into one number, rank first, so that one pass finds all three. -#}
{% macro awarded(rules_met, stage) -%}
    with

    scheme as (
        {{ rows_in_force('policy_scheme') }}
    ),

    tier as (
        {{ rows_in_force('policy_tier') }}
    ),

    resolved as (
        select
            scheme.*,
            tier.tier_rank as default_tier_rank
        from scheme
        left join tier on tier.scheme = scheme.scheme and tier.tier_code = scheme.default_tier_code
        where scheme.resolver = 'best' and scheme.stage = {{ stage }}
    ),

    customer as (
        select customer_id, segment from {{ ref('int_customer__measures') }}
    ),

    best as (
        select
            customer_id,
            scheme,
            min(tier_rank) as tier_rank,
            min(tier_rank * 2 + case when is_gap_fill then 1 else 0 end) as rank_and_gap,
            min(tier_rank * 2 + case when is_assumed then 1 else 0 end) as rank_and_assumption
        from {{ rules_met }}
        group by customer_id, scheme
    )

    select
        customer.customer_id,
        customer.segment,
        resolved.scheme,
        resolved.purpose,
        tier.tier_code,
        tier.tier_rank,
        coalesce(tier.tier_code = resolved.default_tier_code, false) as is_default,
        coalesce(best.rank_and_gap = tier.tier_rank * 2 + 1, false) as is_gap_fill,
        coalesce(best.rank_and_assumption = tier.tier_rank * 2 + 1, false) as is_assumed
    from customer
    inner join resolved on resolved.segment = customer.segment
    left join best on best.customer_id = customer.customer_id and best.scheme = resolved.scheme
    inner join tier
        on tier.scheme = resolved.scheme and tier.tier_rank = coalesce(best.tier_rank, resolved.default_tier_rank)
{%- endmacro %}
