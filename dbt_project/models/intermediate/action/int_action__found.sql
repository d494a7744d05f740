with

found as (
    {% for model in [
        'int_action__maturing', 'int_action__days', 'int_action__cards', 'int_action__thresholds', 'int_action__flows',
        'int_action__contacts', 'int_action__reminders'
    ] -%}
    select
        action_kind,
        customer_id,
        due_on,
        items,
        cast(amount as decimal(38, 10)) as amount
    from {{ ref(model) }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

customer as (
    select * from {{ ref('int_customer__segments') }}
),

scope as (
    select * from {{ ref('int_decision__scopes') }}
),

action as (
    {{ rows_in_force('policy_action') }}
),

-- Several accounts, loans, cards or duties that ask for the same on the same day are one action.
final as (
    select
        found.action_kind,
        found.customer_id,
        found.due_on,
        customer.segment,
        customer.lead_org_id,
        action.rule_id,
        sum(found.items) as items,
        {{ as_money('sum(found.amount)') }} as amount
    from found
    inner join customer on customer.customer_id = found.customer_id
    inner join scope on scope.customer_id = found.customer_id
    inner join action on action.action_kind = found.action_kind and action.segment = customer.segment
    where action.scope = 'all' or scope.is_in_scope
    group by
        found.action_kind, found.customer_id, found.due_on, customer.segment, customer.lead_org_id, action.rule_id
)

select * from final
