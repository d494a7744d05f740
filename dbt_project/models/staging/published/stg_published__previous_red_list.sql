with

customer_360_month as (
    select * from {{ source('published', 'customer_360_month') }}
),

final as (
    select
        customer_id,
        red_list_reason,
        red_list_since
    from customer_360_month
    where red_list_reason is not null
)

select * from final
