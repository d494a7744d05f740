with

run_context as (
    select * from {{ ref('stg_run__context') }}
),

weekday as (
    select * from {{ ref('ref_weekday') }}
),

calendar_exception as (
    select * from {{ ref('ref_calendar_exception') }}
),

-- Whole years: from the first whose holidays are known to that of the business date, or the last that is known.
ends as (
    select
        {{ period_start('year', 'min(calendar_exception.calendar_date)') }} as first_day,
        {{ period_end('year', 'greatest(max(calendar_exception.calendar_date), max(run_context.business_date))') }}
            as last_day
    from calendar_exception
    cross join run_context
),

calendar_day as (
    {{ days_between('ends', 'first_day', 'last_day') }}
),

working as (
    select
        calendar_day.calendar_date,
        {{ iso_weekday('calendar_day.calendar_date') }} as iso_weekday,
        coalesce(calendar_exception.is_working_day, weekday.is_working_day) as is_working_day,
        weekday.label_en as weekday_en,
        weekday.label_zh as weekday_zh,
        calendar_exception.holiday_en,
        calendar_exception.holiday_zh
    from calendar_day
    inner join weekday on weekday.iso_weekday = {{ iso_weekday('calendar_day.calendar_date') }}
    left join calendar_exception on calendar_exception.calendar_date = calendar_day.calendar_date
),

final as (
    select
        calendar_date,
        cast(extract(year from calendar_date) as integer) as calendar_year,
        cast(extract(quarter from calendar_date) as integer) as quarter_of_year,
        cast(extract(month from calendar_date) as integer) as month_of_year,
        {{ month_start('calendar_date') }} as policy_month,
        {{ period_start('quarter', 'calendar_date') }} as quarter_start,
        cast(iso_weekday as integer) as iso_weekday,
        weekday_en,
        weekday_zh,
        is_working_day,
        cast(
            sum(case when is_working_day then 1 else 0 end)
                over (partition by {{ month_start('calendar_date') }} order by calendar_date asc)
            as integer
        ) as working_days_so_far,
        holiday_en,
        holiday_zh
    from working
)

select * from final
