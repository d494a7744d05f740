with

visit as (
    select * from {{ ref('int_visit__in_month') }}
),

working_day as (
    select * from {{ ref('int_visit__working_days') }}
),

signal as (
    {{ rows_in_force('policy_visit_signal') }}
),

late_entry as (
    select
        visit.*,
        signal.signal
    from visit
    inner join signal on signal.signal = 'late_entry'
    where visit.biz_date > {{ add_days('visit.visited_on', 'signal.threshold') }}
),

off_day as (
    select
        visit.*,
        signal.signal
    from visit
    inner join signal on signal.signal = 'off_day'
    left join working_day on working_day.calendar_date = visit.visited_on
    where visit.is_in_person and working_day.calendar_date is null
),

short_call as (
    select
        visit.*,
        signal.signal
    from visit
    inner join signal on signal.signal = 'short_call'
    where visit.is_call and visit.ended_at < {{ add_seconds('visit.started_at', 'signal.threshold') }}
),

final as (
    {% for shown in ['late_entry', 'off_day', 'short_call'] -%}
    select
        visit_id,
        employee_id,
        customer_id,
        visited_on,
        signal
    from {{ shown }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final
