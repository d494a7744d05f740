with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

final as (
    select
        customer_id,
        segment,
        customer_kind,
        lead_org_id,
        opened_on
    from customer
)

select * from final
