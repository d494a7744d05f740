-- The year, the quarter and the month in hand, and a person's month: the months before and the days so far.
with run as (
    select
        business_date,
        {{ month_start('business_date') }} as month
    from scratch.run.context
),

so_far as (
    select
        day.org_id,
        day.metric,
        day.employee_id,
        sum(day.target) as target
    from {{ batch }} as day
    inner join run on run.business_date >= day.period_start
    where day.period_kind = 'day'
    group by day.org_id, day.metric, day.employee_id
),

months_before as (
    select
        period.org_id,
        period.metric,
        period.period_kind,
        sum(month.target) as target
    from {{ batch }} as period
    cross join run
    inner join {{ batch }} as month on month.org_id = period.org_id and month.metric = period.metric
    where
        period.period_kind in ('year', 'quarter')
        and run.month between period.period_start and period.period_end
        and month.period_kind = 'month'
        and month.employee_id = 'all'
        and month.period_start >= period.period_start
        and month.period_start < run.month
    group by period.org_id, period.metric, period.period_kind
)

select
    period.org_id,
    period.metric
from {{ batch }} as period
cross join run
left join so_far
    on
        so_far.org_id = period.org_id
        and so_far.metric = period.metric
        and so_far.employee_id = period.employee_id
left join months_before
    on
        months_before.org_id = period.org_id
        and months_before.metric = period.metric
        and months_before.period_kind = period.period_kind
where
    period.target_to_date is distinct from
    case
        when
            period.period_kind in ('year', 'quarter', 'month')
            and run.month between period.period_start and period.period_end
            then coalesce(months_before.target, 0) + coalesce(so_far.target, 0)
    end
