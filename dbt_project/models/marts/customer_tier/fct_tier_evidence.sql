with

rules_met as (
    {% for model in [
        'int_decision__rules_met_stage_1', 'int_decision__rules_met_stage_2', 'int_decision__rules_met_stage_3'
    ] -%}
    select * from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

rule as (
    select * from {{ ref('int_policy__rules') }}
),

award as (
    {% for model in ['int_decision__awards_stage_2', 'int_decision__awards_stage_3'] -%}
    select customer_id, scheme, tier_rank from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
    where is_held
),

soft as (
    select * from {{ ref('int_decision__soft_conditions_missed') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- In a scheme that takes the best, every rule that leads to the awarded tier wins, unless the former tier is still
-- held; in one that takes all, each does.
judged as (
    select
        rules_met.customer_id,
        rules_met.scheme,
        rules_met.rule_id,
        rules_met.route,
        rules_met.observed_value,
        rule.bound,
        rules_met.tier_code as outcome,
        (award.tier_rank is null or award.tier_rank = rules_met.tier_rank) and held.customer_id is null as is_winner,
        rule.clause_ref,
        rules_met.is_gap_fill,
        rules_met.is_assumed,
        soft.soft_conditions_missed
    from rules_met
    inner join rule on rule.rule_id = rules_met.rule_id
    left join award on award.customer_id = rules_met.customer_id and award.scheme = rules_met.scheme
    left join held on held.customer_id = rules_met.customer_id and held.scheme = rules_met.scheme
    left join soft on soft.customer_id = rules_met.customer_id and soft.rule_id = rules_met.rule_id
    union all
    {{ held_tier_evidence('held', 'scheme') }}
),

final as (
    select
        run_context.policy_month,
        judged.*
    from judged
    cross join run_context
)

select * from final
