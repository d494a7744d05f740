with

year_in_hand as (
    select
        {{ period_start('year', 'policy_month') }} as first_day,
        {{ period_end('year', 'policy_month') }} as last_day
    from {{ ref('stg_run__context') }}
),

working_day as (
    {{ working_days('year_in_hand', 'first_day', 'last_day') }}
),

final as (
    select
        calendar_date,
        {{ month_start('calendar_date') }} as month,
        {{ period_start('quarter', 'calendar_date') }} as quarter
    from working_day
)

select * from final
