with

customer as (
    select * from {{ ref('int_customer__own_amounts') }}
),

churn as (
    select * from {{ ref('int_customer__churn') }}
    where is_churned
),

last_month as (
    select * from {{ ref('stg_published__former_balance') }}
    where months_ago = 1
),

action as (
    {{ rows_in_force('policy_action') }}
),

run_context as (
    select {{ period_end('month', 'policy_month') }} as month_end
    from {{ ref('stg_run__context') }}
),

-- What the own measure gained since last month, as published then and now.
moved as (
    select
        customer.customer_id,
        customer.segment,
        customer.own_amount - {{ own_amount('customer.own_measure_id', 'last_month') }} as gain
    from customer
    inner join last_month on last_month.customer_id = customer.customer_id
),

found as (
    select
        'balance_drop' as action_kind,
        customer_id,
        former_amount - own_amount as amount
    from churn
    union all
    select
        action.action_kind,
        moved.customer_id,
        moved.gain as amount
    from moved
    inner join action on action.segment = moved.segment and action.action_kind = 'large_inflow'
    where moved.gain >= action.amount_floor
    union all
    select
        action.action_kind,
        moved.customer_id,
        -moved.gain as amount
    from moved
    inner join action on action.segment = moved.segment and action.action_kind = 'large_outflow'
    where -moved.gain >= action.amount_floor
),

final as (
    select
        found.action_kind,
        found.customer_id,
        run_context.month_end as due_on,
        1 as items,
        found.amount
    from found
    cross join run_context
)

select * from final
