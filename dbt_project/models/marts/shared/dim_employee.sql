with

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

final as (
    select
        employee_id,
        org_id,
        role,
        is_active
    from employee
)

select * from final
