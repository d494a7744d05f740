with made as (
    select
        visit.employee_id,
        count(distinct case when signal.visit_id is not null then visit.visit_id end) as doubtful,
        count(distinct case when signal.visit_id is null then visit.visit_id end) as others
    from scratch.accepted.visit as visit
    cross join scratch.run.context as run
    left join month_in_hand.fct_visit_signal_monthly as signal
        on signal.visit_id = visit.visit_id and signal.employee_id = visit.employee_id and signal.is_doubtful
    where visit.visited_on between {{ month_start('run.business_date') }} and run.business_date
    group by visit.employee_id
)

select person.employee_id
from {{ batch }} as person
left join made on made.employee_id = person.employee_id
where
    person.doubtful_contacts < 0
    or person.doubtful_contacts > coalesce(made.doubtful, 0)
    or person.counted_contacts - person.doubtful_contacts > coalesce(made.others, 0)
    or person.doubtful_contacts > person.counted_contacts
