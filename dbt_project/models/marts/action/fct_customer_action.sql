with

action as (
    select * from {{ ref('int_action__outcomes') }}
    where outcome = 'listed'
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

assignment as (
    select * from {{ ref('int_maintenance__assignments') }}
),

corporate_manager as (
    select * from {{ ref('int_maintenance__corporate_managers') }}
),

rule as (
    {{ rows_in_force('policy_action') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        action.action_kind,
        action.customer_id,
        action.due_on,
        run_context.business_date as as_of_date,
        action.segment,
        action.lead_org_id,
        held.tier_code,
        coalesce(assignment.employee_id, corporate_manager.employee_id) as employee_id,
        rule.category,
        rule.priority,
        cast(action.items as bigint) as items,
        action.amount,
        action.rule_id,
        rule.clause_ref
    from action
    cross join run_context
    inner join rule on rule.rule_id = action.rule_id
    inner join held on held.customer_id = action.customer_id
    left join assignment on assignment.customer_id = action.customer_id
    left join corporate_manager on corporate_manager.customer_id = action.customer_id
)

select * from final
