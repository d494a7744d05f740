with

run_context as (
    select * from {{ ref('stg_run__context') }}
),

calendar_exception as (
    select * from {{ ref('ref_calendar_exception') }}
),

calendar_day as (
    {{ days_between(ref('stg_run__context'), 'policy_month', 'month_end') }}
),

-- Monday to Friday, unless the State Council's calendar says otherwise for the day.
working_day as (
    select
        calendar_day.calendar_date,
        coalesce(
            calendar_exception.is_working_day, {{ iso_weekday('calendar_day.calendar_date') }} <= 5
        ) as is_working_day
    from calendar_day
    left join calendar_exception on calendar_exception.calendar_date = calendar_day.calendar_date
),

final as (
    select
        run_context.policy_month,
        sum(case when working_day.is_working_day then 1 else 0 end) as working_days,
        sum(
            case
                when working_day.is_working_day and working_day.calendar_date <= run_context.business_date then 1
                else 0
            end
        ) as elapsed_working_days
    from working_day
    cross join run_context
    group by run_context.policy_month
)

select * from final
