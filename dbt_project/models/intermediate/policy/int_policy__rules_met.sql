with

rules_met as (
    select * from {{ ref('int_retail__scope_rules_met') }}
    union all
    select * from {{ ref('int_retail__tier_rules_met') }}
    union all
    select * from {{ ref('int_corporate__class_rules_met') }}
    union all
    select * from {{ ref('int_corporate__size_rules_met') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

-- In a scheme that takes the best, every rule that leads to the best tier wins; in one that takes all, each does.
final as (
    select
        rules_met.customer_id,
        rules_met.scheme,
        rules_met.rule_id,
        rules_met.tier_code,
        rules_met.tier_rank,
        rules_met.route,
        rules_met.observed_value,
        rules_met.bound,
        rules_met.clause_ref,
        rules_met.is_gap_fill,
        scheme.resolver = 'all'
        or rules_met.tier_rank = min(rules_met.tier_rank) over (
            partition by rules_met.customer_id, rules_met.scheme
        ) as is_winner
    from rules_met
    inner join scheme on scheme.scheme = rules_met.scheme
)

select * from final
