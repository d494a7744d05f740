with

customer_link as (
    select * from {{ source('accepted', 'customer_link') }}
),

final as (
    select
        customer_id,
        linked_customer_id,
        link_kind
    from customer_link
)

select * from final
