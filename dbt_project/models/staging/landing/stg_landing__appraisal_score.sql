with

appraisal_score as (
    select * from {{ source('accepted', 'appraisal_score') }}
),

final as (
    select
        employee_id,
        year,
        part,
        score
    from appraisal_score
)

select * from final
