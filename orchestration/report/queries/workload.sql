-- One row per scope and role group: contacts that the month's duties require beside those its people can make.
with

scope as (
    select * from report_scope
),

setting as (
    select * from report_setting
),

capacity as (
    select * from marts.fct_visit_capacity_monthly
),

final as (
    select
        scope.scope_id,
        capacity.role_group,
        sum(capacity.duties)::bigint as duties,
        sum(capacity.required_contacts) as required_contacts,
        sum(capacity.possible_contacts)::bigint as possible_contacts,
        sum(capacity.people)::bigint as people,
        sum(capacity.people_needed)::bigint as people_needed,
        sum(greatest(capacity.people_needed - capacity.people, 0))::bigint as people_short,
        count(*) filter (where not capacity.is_feasible) as organizations_short
    from capacity
    inner join setting on setting.month_in_hand = capacity.policy_month
    inner join scope on scope.org_id = capacity.org_id
    group by scope.scope_id, capacity.role_group
)

select * from final
order by scope_id, role_group
