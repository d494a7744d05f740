with

person_day as (
    select * from {{ ref('int_result__target_people') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        org_id,
        metric,
        employee_id,
        'day' as period_kind,
        calendar_date as period_start,
        calendar_date as period_end,
        part as target,
        null as target_to_date
    from person_day
    union all
    select
        person_day.org_id,
        person_day.metric,
        person_day.employee_id,
        'month' as period_kind,
        run_context.policy_month as period_start,
        {{ period_end('month', 'run_context.policy_month') }} as period_end,
        sum(person_day.part) as target,
        sum(case when person_day.calendar_date <= run_context.business_date then person_day.part else 0 end)
            as target_to_date
    from person_day
    cross join run_context
    group by person_day.org_id, person_day.metric, person_day.employee_id, run_context.policy_month
)

select * from final
