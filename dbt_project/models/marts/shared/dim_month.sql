with

earlier_run as (
    select * from {{ source('published', 'refresh_run') }}
),

run_context as (
    select * from {{ source('run', 'context') }}
),

day as (
    select * from {{ ref('dim_date') }}
),

-- This run is the last one: it has no time of publication yet.
run as (
    select business_date, known_on, published_at, run_id, 1 as turn
    from earlier_run
    union all
    select business_date, known_on, cast(null as timestamp) as published_at, run_id, 2 as turn
    from run_context
),

latest as (
    select
        {{ month_start('business_date') }} as policy_month,
        business_date,
        known_on,
        row_number() over (
            partition by {{ month_start('business_date') }}
            order by turn desc nulls last, published_at desc nulls last, run_id desc nulls last
        ) as age
    from run
),

working_day as (
    select
        policy_month,
        cast(sum(case when is_working_day then 1 else 0 end) as integer) as working_days
    from day
    group by policy_month
),

final as (
    select
        latest.policy_month,
        {{ period_end('month', 'latest.policy_month') }} as month_end,
        cast(extract(year from latest.policy_month) as integer) as calendar_year,
        {{ period_start('quarter', 'latest.policy_month') }} as quarter_start,
        working_day.working_days,
        latest.business_date,
        latest.known_on,
        latest.business_date = {{ period_end('month', 'latest.policy_month') }} as is_closed,
        latest.policy_month = max(latest.policy_month) over () as is_newest
    from latest
    inner join working_day on working_day.policy_month = latest.policy_month
    where latest.age = 1
)

select * from final
