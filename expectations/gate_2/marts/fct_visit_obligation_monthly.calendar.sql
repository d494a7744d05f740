select run.business_date
from scratch.run.context as run
where not exists (
    select 1
    from scratch.reference.ref_calendar_exception as exceptional
    where extract(year from exceptional.calendar_date) = extract(year from run.business_date)
)
