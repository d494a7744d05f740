with

run_context as (
    select * from {{ ref('stg_run__context') }}
),

frequency as (
    {{ rows_in_force('policy_visit_frequency') }}
),

-- The month itself, and the period lengths of the matrix.
asked as (
    select period_months from frequency
    union
    select 1 as period_months
),

-- A period of n months is the n-month part of the calendar year that contains the policy month (R15).
period as (
    select
        asked.period_months,
        run_context.business_date,
        {{ add_months(
            'run_context.policy_month',
            '-((extract(month from run_context.policy_month) - 1) % asked.period_months)'
        ) }} as period_start
    from asked
    cross join run_context
),

bounded as (
    select
        *,
        {{ add_days(add_months('period_start', 'period_months'), -1) }} as period_end
    from period
),

longest as (
    select
        min(period_start) as first_day,
        max(period_end) as last_day
    from bounded
),

working_day as (
    {{ working_days('longest', 'first_day', 'last_day') }}
),

final as (
    select
        bounded.period_months,
        bounded.period_start,
        bounded.period_end,
        count(*) as working_days,
        sum(case when working_day.calendar_date <= bounded.business_date then 1 else 0 end) as elapsed_working_days
    from bounded
    inner join working_day
        on working_day.calendar_date >= bounded.period_start and working_day.calendar_date <= bounded.period_end
    group by bounded.period_months, bounded.period_start, bounded.period_end
)

select * from final
