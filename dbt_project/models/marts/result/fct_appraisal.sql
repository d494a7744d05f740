with

person as (
    select * from {{ ref('int_result__appraised_people') }}
),

scored as (
    select * from {{ ref('int_result__appraisal_scores') }}
),

graded as (
    select * from {{ ref('int_result__grades') }}
),

feedback as (
    select * from {{ ref('int_result__feedback') }}
),

run_context as (
    select
        business_date,
        {{ parameter('appraisal_grace_months') }} as grace_months
    from {{ ref('stg_run__context') }}
),

dated as (
    select
        person.*,
        run_context.business_date,
        {{ add_months(period_end('year', 'person.year'), 'run_context.grace_months') }} as due_on
    from person
    cross join run_context
),

final as (
    select
        dated.year,
        dated.employee_id,
        dated.role,
        dated.org_id,
        scored.leader_score,
        scored.performance_score,
        scored.total_score,
        graded.grade,
        graded.rule_id,
        graded.is_gap_fill,
        case
            when scored.total_score is not null then 'complete'
            when dated.business_date > dated.due_on then 'overdue'
            when scored.employee_id is not null then 'partial'
            else 'open'
        end as status,
        coalesce(feedback.questionnaires_h1, 0) as questionnaires_h1,
        coalesce(feedback.questionnaires_h2, 0) as questionnaires_h2,
        cast(feedback.questionnaire_score_h1 as decimal(5, 2)) as questionnaire_score_h1,
        cast(feedback.questionnaire_score_h2 as decimal(5, 2)) as questionnaire_score_h2,
        coalesce(feedback.other_feedback, 0) as other_feedback
    from dated
    left join scored on scored.year = dated.year and scored.employee_id = dated.employee_id
    left join graded on graded.year = dated.year and graded.employee_id = dated.employee_id
    left join feedback on feedback.year = dated.year and feedback.employee_id = dated.employee_id
)

select * from final
