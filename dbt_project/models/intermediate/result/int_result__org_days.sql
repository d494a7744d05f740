with

target_day as (
    select * from {{ ref('int_result__target_days') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

day_in_week as (
    select
        target_day.*,
        {{ week_start('target_day.calendar_date') }} as monday,
        {{ add_days(week_start('target_day.calendar_date'), 6) }} as sunday,
        run_context.policy_month,
        {{ period_end('month', 'run_context.policy_month') }} as month_end
    from target_day
    cross join run_context
),

final as (
    select
        org_id,
        metric,
        'all' as employee_id,
        'week' as period_kind,
        case when monday < policy_month then policy_month else monday end as period_start,
        case when sunday > month_end then month_end else sunday end as period_end,
        sum(target) as target,
        null as target_to_date
    from day_in_week
    group by org_id, metric, monday, sunday, policy_month, month_end
    union all
    select
        org_id,
        metric,
        'all' as employee_id,
        'day' as period_kind,
        calendar_date as period_start,
        calendar_date as period_end,
        target,
        null as target_to_date
    from target_day
)

select * from final
