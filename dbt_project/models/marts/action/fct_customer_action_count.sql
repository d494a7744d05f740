with

action as (
    select * from {{ ref('int_action__outcomes') }}
),

final as (
    select
        lead_org_id,
        action_kind,
        outcome,
        count(distinct customer_id) as customers,
        count(*) as actions
    from action
    group by lead_org_id, action_kind, outcome
)

select * from final
