with visit as (
    select accepted.*
    from scratch.accepted.visit as accepted
    cross join scratch.run.context as run
    where accepted.visited_on between {{ month_start('run.business_date') }} and run.business_date
),

crowded as (
    select
        visit.employee_id,
        visit.visited_on,
        count(*) as visits
    from visit
    inner join gate_2.in_force.policy_value_list as listed
        on listed.value = visit.channel and listed.value_list = 'in_person_channel'
    group by visit.employee_id, visit.visited_on
),

both_sides as (
    select
        signal,
        1 as n
    from {{ batch }}
    where signal in ('late_entry', 'crowded_day', 'short_call')
    union all
    select
        sign.signal,
        -1 as n
    from visit
    inner join gate_2.in_force.policy_visit_signal as sign
        on sign.signal = 'late_entry' and {{ days_from('visit.visited_on', 'visit._biz_date') }} > sign.threshold
    union all
    select
        sign.signal,
        -crowded.visits as n
    from crowded
    inner join gate_2.in_force.policy_visit_signal as sign
        on sign.signal = 'crowded_day' and crowded.visits > sign.threshold
    union all
    select
        sign.signal,
        -1 as n
    from visit
    inner join gate_2.in_force.policy_value_list as listed
        on listed.value = visit.channel and listed.value_list = 'call_channel'
    inner join gate_2.in_force.policy_visit_signal as sign
        on
            sign.signal = 'short_call'
            and cast(visit.started_at as date) = visit.visited_on
            and visit.ended_at >= visit.started_at
            and visit.ended_at < {{ add_seconds('visit.started_at', 'sign.threshold') }}
)

select signal
from both_sides
group by signal
having sum(n) <> 0
