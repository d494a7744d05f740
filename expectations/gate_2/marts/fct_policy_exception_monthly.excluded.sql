-- Two exceptions may exclude one duty, so the register may count more.
with owed as (
    select count(*) as duties
    from month_in_hand.fct_visit_obligation_monthly
    where exclusion_reason = 'exception'
),

exempted as (
    select coalesce(sum(excluded_duties), 0) as duties
    from {{ batch }}
)

select owed.duties
from owed
cross join exempted
where owed.duties > exempted.duties
