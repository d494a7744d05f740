with

action as (
    select * from {{ ref('int_action__outcomes') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        action.lead_org_id,
        action.action_kind,
        action.outcome,
        count(distinct action.customer_id) as customers,
        count(*) as actions,
        run_context.business_date as as_of_date
    from action
    cross join run_context
    group by action.lead_org_id, action.action_kind, action.outcome, run_context.business_date
)

select * from final
