with

run_context as (
    select
        {{ period_start('year', 'policy_month') }} as first_day,
        {{ period_end('year', 'policy_month') }} as last_day
    from {{ ref('stg_run__context') }}
),

calendar_day as (
    {{ days_between('run_context', 'first_day', 'last_day') }}
),

working_day as (
    {{ working_days('calendar_day') }}
),

final as (
    select
        calendar_date,
        {{ month_start('calendar_date') }} as month,
        {{ period_start('quarter', 'calendar_date') }} as quarter
    from working_day
)

select * from final
