with

visit as (
    select * from {{ source('accepted', 'visit') }}
),

final as (
    select
        visit_id,
        employee_id,
        customer_id,
        visited_on,
        channel
    from visit
)

select * from final
