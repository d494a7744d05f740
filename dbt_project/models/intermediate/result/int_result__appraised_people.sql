with

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

appraisal_score as (
    select * from {{ ref('stg_landing__appraisal_score') }}
),

feedback as (
    select * from {{ ref('stg_landing__appraisal_feedback') }}
),

appraised_role as (
    {{ rows_in_force('policy_appraised_role') }}
),

run_context as (
    select
        business_date,
        {{ period_start('year', 'policy_month') }} as this_year,
        {{ period_start('year', add_days(period_start('year', 'policy_month'), -1)) }} as last_year,
        {{ add_days(period_start('year', 'policy_month'), -1) }} as end_of_last_year
    from {{ ref('stg_run__context') }}
),

-- Who has points or feedback; who is due this year; who was due at the end of the last.
person as (
    select
        employee_id,
        year
    from appraisal_score
    union
    select
        employee_id,
        {{ period_start('year', 'received_on') }} as year
    from feedback
    {% for year, due_on in {'this_year': 'business_date', 'last_year': 'end_of_last_year'}.items() -%}
    union
    select
        employee.employee_id,
        run_context.{{ year }} as year
    from employee
    cross join run_context
    where
        employee.role in (select role from appraised_role)
        and employee.hired_on <= run_context.{{ due_on }}
        and (employee.left_on is null or employee.left_on > run_context.{{ due_on }})
    {% endfor -%}
),

-- Only people whom the newest snapshot still has.
final as (
    select
        person.year,
        person.employee_id,
        employee.role,
        employee.org_id
    from person
    inner join employee on employee.employee_id = person.employee_id
)

select * from final
