with

service as (
    select * from {{ source('accepted', 'service') }}
),

final as (
    select
        customer_id,
        service_kind,
        opened_on,
        closed_on
    from service
)

select * from final
