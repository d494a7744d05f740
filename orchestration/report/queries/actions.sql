-- One row per scope and kind of action: what is listed, how much of it is due, and what was found and not listed.
with

scope as (
    select * from report_scope
),

listed as (
    select
        lead_org_id,
        action_kind,
        min(priority) as priority,
        count(*) as listed,
        count(*) filter (where due_on <= as_of_date) as due
    from marts.fct_customer_action
    group by lead_org_id, action_kind
),

dropped as (
    select
        lead_org_id,
        action_kind,
        sum(actions)::bigint as dropped
    from marts.fct_customer_action_count
    where outcome <> 'listed'
    group by lead_org_id, action_kind
),

by_organization as (
    select
        coalesce(listed.lead_org_id, dropped.lead_org_id) as lead_org_id,
        coalesce(listed.action_kind, dropped.action_kind) as action_kind,
        listed.priority,
        coalesce(listed.listed, 0) as listed,
        coalesce(listed.due, 0) as due,
        coalesce(dropped.dropped, 0) as dropped
    from listed
    full join dropped on dropped.lead_org_id = listed.lead_org_id and dropped.action_kind = listed.action_kind
),

final as (
    select
        scope.scope_id,
        by_organization.action_kind,
        min(by_organization.priority) as priority,
        sum(by_organization.listed)::bigint as listed,
        sum(by_organization.due)::bigint as due,
        sum(by_organization.dropped)::bigint as dropped
    from by_organization
    inner join scope on scope.org_id = by_organization.lead_org_id
    group by scope.scope_id, by_organization.action_kind
)

select * from final
order by scope_id asc, priority asc nulls last, action_kind asc
