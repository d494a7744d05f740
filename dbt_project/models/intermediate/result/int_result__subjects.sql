with

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

employee as (
    select * from {{ ref('stg_landing__employee') }}
    where is_active
),

final as (
    select
        'org' as subject_kind,
        org_id as subject_id
    from organization
    union all
    select
        'employee' as subject_kind,
        employee_id as subject_id
    from employee
)

select * from final
