-- One row per scope and role: customers that ask for the role, and the people it has and lacks.
with

scope as (
    select * from report_scope
),

setting as (
    select * from report_setting
),

capacity as (
    select * from marts.fct_maintenance_capacity_monthly
),

final as (
    select
        scope.scope_id,
        capacity.role,
        sum(capacity.customers)::bigint as customers,
        sum(capacity.assigned_matching)::bigint as assigned_matching,
        sum(capacity.assigned_other)::bigint as assigned_other,
        sum(capacity.unassigned)::bigint as unassigned,
        sum(capacity.people)::bigint as people,
        sum(capacity.people_needed)::bigint as people_needed,
        sum(capacity.people_short)::bigint as people_short
    from capacity
    inner join setting on setting.month_in_hand = capacity.policy_month
    inner join scope on scope.org_id = capacity.org_id
    group by scope.scope_id, capacity.role
)

select * from final
order by scope_id, role
