-- One row per organisation and kind of action: customers' actions that are listed, and those that are due.
with

action as (
    select * from marts.fct_customer_action
),

final as (
    select
        lead_org_id as org_id,
        action_kind,
        count(*) as listed,
        count(*) filter (where due_on <= as_of_date) as due
    from action
    group by lead_org_id, action_kind
)

select * from final
order by org_id, action_kind
