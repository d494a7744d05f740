-- A visit may be doubtful for one person and not for another, so it can stand on both sides.
with made as (
    select
        visit.customer_id,
        count(distinct case when signal.visit_id is not null then visit.visit_id end) as doubtful,
        count(distinct case when signal.visit_id is null then visit.visit_id end) as others
    from scratch.accepted.visit as visit
    cross join scratch.run.context as run
    left join month_in_hand.fct_visit_signal_monthly as signal
        on signal.visit_id = visit.visit_id and signal.employee_id = visit.employee_id and signal.is_doubtful
    where visit.visited_on <= run.business_date
    group by visit.customer_id
)

select duty.customer_id
from {{ batch }} as duty
left join made on made.customer_id = duty.customer_id
where
    duty.doubtful_contacts < 0
    or duty.doubtful_contacts > duty.counted_contacts
    or duty.doubtful_contacts > coalesce(made.doubtful, 0)
    or duty.counted_contacts - duty.doubtful_contacts > coalesce(made.others, 0)
