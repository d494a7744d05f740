select signal.visit_id
from {{ batch }} as signal
cross join scratch.run.context as run
left join scratch.accepted.visit as visit
    on visit.visit_id = signal.visit_id and visit.employee_id = signal.employee_id
left join gate_2.in_force.policy_visit_signal as sign on sign.signal = signal.signal
where
    visit.visit_id is null
    or visit.customer_id is distinct from signal.customer_id
    or visit.visited_on is distinct from signal.visited_on
    or visit.visited_on not between {{ month_start('run.business_date') }} and run.business_date
    or signal.is_doubtful is distinct from sign.is_doubtful
