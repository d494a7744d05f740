with made as (
    select
        visit.customer_id,
        count(distinct visit.visit_id) as visits,
        max(visit.visited_on) as last_on
    from scratch.accepted.visit as visit
    cross join scratch.run.context as run
    where visit.visited_on <= run.business_date
    group by visit.customer_id
)

select duty.customer_id
from {{ batch }} as duty
left join made on made.customer_id = duty.customer_id
where
    duty.counted_contacts > coalesce(made.visits, 0)
    or (duty.counted_contacts > 0 and duty.last_contact_on is null)
    or (duty.last_contact_on is not null and made.last_on is null)
    or duty.last_contact_on > made.last_on
