-- The own count of the month that the bank reports, as it was published, or of the month in hand.
select
    kpi.subject_id,
    kpi.metric
from {{ batch }} as kpi
left join scratch.published.kpi_month as earlier
    on
        earlier.subject_kind = kpi.subject_kind
        and earlier.subject_id = kpi.subject_id
        and earlier.metric = kpi.metric
        and earlier.policy_month = kpi.reported_month
where
    abs(
        case when kpi.reported_month = kpi.policy_month then kpi.value else earlier.value end - kpi.reported_value
    ) > 0.01
