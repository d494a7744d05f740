with

customer as (
    select * from {{ ref('int_customer__own_amounts') }}
),

former_balance as (
    select * from {{ ref('stg_published__former_balance') }}
    where months_ago = {{ parameter('churn_window_months') }}
),

-- The own measure of today's segment: a change of segment is no loss of money.
compared as (
    select
        customer.customer_id,
        customer.own_amount,
        {{ own_amount('customer.own_measure_id', 'former_balance') }} as former_amount,
        former_balance.is_in_scope as was_in_scope
    from customer
    inner join former_balance on former_balance.customer_id = customer.customer_id
),

final as (
    select
        customer_id,
        own_amount,
        former_amount,
        {{ ratio('former_amount - own_amount', 'former_amount') }} as drop_share,
        was_in_scope,
        was_in_scope and own_amount <= (1 - {{ parameter('churn_drop_share') }}) * former_amount as is_churned
    from compared
    where former_amount > 0
)

select * from final
