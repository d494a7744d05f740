with span as (
    select min(calendar_date) as first_day, max(calendar_date) as last_day, count(distinct calendar_date) as days
    from marts.dim_date
)

select span.first_day
from span
where {{ days_from('span.first_day', 'span.last_day') }} + 1 <> span.days
union all
select run.business_date
from scratch.run.context as run
left join marts.dim_date as day
    on day.policy_month = {{ month_start('run.business_date') }} and day.is_working_day
where day.calendar_date is null
