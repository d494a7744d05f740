with

rules_met as (
    select * from {{ ref('int_policy__rules_met') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        rules_met.customer_id,
        rules_met.scheme,
        rules_met.rule_id,
        rules_met.route,
        rules_met.observed_value,
        rules_met.bound,
        rules_met.tier_code as outcome,
        rules_met.is_winner,
        rules_met.clause_ref,
        rules_met.is_gap_fill
    from rules_met
    cross join run_context
)

select * from final
