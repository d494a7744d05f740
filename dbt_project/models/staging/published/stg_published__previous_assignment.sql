with

maintenance_assignment_month as (
    select * from {{ source('published', 'maintenance_assignment_month') }}
),

final as (
    select
        customer_id,
        employee_id,
        assignment_basis,
        choice_pending_since
    from maintenance_assignment_month
)

select * from final
