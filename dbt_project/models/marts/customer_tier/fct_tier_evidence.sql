with

rules_met as (
    {% for model in [
        'int_retail__scope_rules_met', 'int_retail__tier_rules_met', 'int_corporate__class_rules_met',
        'int_corporate__size_rules_met'
    ] -%}
    select * from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

rule_bounds as (
    select * from {{ ref('int_policy__rule_bounds') }}
),

awarded as (
    select * from {{ ref('int_customer__tiers') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- In a scheme that takes the best, every rule that leads to the awarded tier wins; in one that takes all, each does.
final as (
    select
        run_context.policy_month,
        rules_met.customer_id,
        rules_met.scheme,
        rules_met.rule_id,
        rules_met.route,
        rules_met.observed_value,
        rule_bounds.bound,
        rules_met.tier_code as outcome,
        awarded.tier_rank is null or awarded.tier_rank = rules_met.tier_rank as is_winner,
        rule_bounds.clause_ref,
        rules_met.is_gap_fill
    from rules_met
    cross join run_context
    inner join rule_bounds on rule_bounds.rule_id = rules_met.rule_id
    left join awarded on awarded.customer_id = rules_met.customer_id and awarded.scheme = rules_met.scheme
)

select * from final
