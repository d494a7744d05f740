with

product_kind as (
    select * from {{ ref('int_customer__product_kinds') }}
),

service as (
    select * from {{ ref('stg_landing__service') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

used_kind as (
    select
        customer_id,
        1 as product_depth,
        0 as service_depth
    from product_kind
    union all
    select
        service.customer_id,
        0 as product_depth,
        count(distinct service.service_kind) as service_depth
    from service
    cross join run_context
    where
        service.opened_on <= run_context.business_date
        and (service.closed_on is null or service.closed_on > run_context.business_date)
    group by service.customer_id
),

final as (
    select
        customer_id,
        sum(product_depth) as product_depth,
        sum(service_depth) as service_depth
    from used_kind
    group by customer_id
)

select * from final
