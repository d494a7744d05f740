with

target_month as (
    select * from {{ ref('int_result__target_months') }}
),

working_day as (
    select * from {{ ref('int_result__working_days') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- Of the month in hand: no mart shows the days of another one.
day_of_month as (
    select
        target_month.org_id,
        target_month.metric,
        target_month.target as amount,
        working_day.calendar_date
    from target_month
    inner join run_context on run_context.policy_month = target_month.month
    inner join working_day on working_day.month = target_month.month
),

of_day as (
    {{ largest_remainder(
        'day_of_month', ['org_id', 'metric', 'calendar_date'], ['org_id', 'metric'], 'amount', '1', 'calendar_date'
    ) | indent(4) }}
),

final as (
    select
        org_id,
        metric,
        calendar_date,
        part as target
    from of_day
)

select * from final
