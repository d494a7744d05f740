with

curve as (
    select * from {{ ref('int_customer__concentration_curves') }}
),

final as (
    select
        org_id,
        segment,
        measure,
        cast(sum(customers) as bigint) as customers,
        cast(sum(amount * customers) as decimal(38, 2)) as amount
    from curve
    group by org_id, segment, measure
)

select * from final
