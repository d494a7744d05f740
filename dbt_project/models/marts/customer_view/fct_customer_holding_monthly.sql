with

product_kind as (
    select * from {{ ref('int_customer__product_kinds') }}
),

customer as (
    select * from {{ ref('int_customer__segments') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        product_kind.customer_id,
        customer.lead_org_id,
        product_kind.product_kind,
        product_kind.items,
        {{ as_money('product_kind.balance') }} as balance
    from product_kind
    cross join run_context
    inner join customer on customer.customer_id = product_kind.customer_id
)

select * from final
