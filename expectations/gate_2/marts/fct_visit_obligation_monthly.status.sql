-- Whether an unmet duty is open or missed depends on its period, which is not derived here.
select customer_id
from {{ batch }}
where
    (status = 'excluded') <> (exclusion_reason is not null)
    or (status = 'met') <> (exclusion_reason is null and counted_contacts >= required_contacts)
    or status not in ('met', 'open', 'missed', 'excluded')
    or shortfall <> case
        when status in ('open', 'missed') then required_contacts - counted_contacts
        else 0
    end
