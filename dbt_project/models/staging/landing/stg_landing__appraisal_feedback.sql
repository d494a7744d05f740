with

appraisal_feedback as (
    select * from {{ source('accepted', 'appraisal_feedback') }}
),

final as (
    select
        feedback_id,
        employee_id,
        channel,
        received_on,
        score
    from appraisal_feedback
)

select * from final
