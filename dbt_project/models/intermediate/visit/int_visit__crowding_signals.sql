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

-- A visit has one row per employee, so rows of an employee are visits.
placed as (
    select
        visit.visit_id,
        visit.employee_id,
        visit.customer_id,
        visit.visited_on,
        visit.is_in_person,
        coalesce(working_day.is_month_end, false) as is_month_end
    from visit
    left join working_day on working_day.calendar_date = visit.visited_on
),

counted as (
    select
        *,
        count(*) over (partition by employee_id) as visits,
        sum(case when is_month_end then 1 else 0 end) over (partition by employee_id) as month_end_visits,
        sum(case when is_in_person then 1 else 0 end) over (partition by employee_id, visited_on) as visits_of_day
    from placed
),

final as (
    select
        counted.visit_id,
        counted.employee_id,
        counted.customer_id,
        counted.visited_on,
        signal.signal
    from counted
    inner join signal
        on
            (
                signal.signal = 'month_end_burst'
                and counted.is_month_end
                and counted.month_end_visits >= signal.minimum
                and counted.month_end_visits > signal.threshold * counted.visits
            )
            or (
                signal.signal = 'crowded_day'
                and counted.is_in_person
                and counted.visits_of_day > signal.threshold
            )
)

select * from final
