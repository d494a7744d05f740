with

month_in_hand as (
    select
        policy_month,
        {{ add_days(add_months('policy_month', '1'), -1) }} as month_end
    from {{ ref('stg_run__context') }}
),

working_day as (
    {{ working_days('month_in_hand', 'policy_month', 'month_end') }}
),

final as (
    select
        calendar_date,
        row_number() over (order by calendar_date desc) <= {{ parameter('burst_days') }} as is_month_end
    from working_day
)

select * from final
