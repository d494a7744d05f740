select
    kpi.subject_id,
    kpi.metric
from {{ batch }} as kpi
inner join gate_2.in_force.policy_metric as metric
    on metric.metric = kpi.metric and metric.subject_kind = kpi.subject_kind and metric.source = 'delivered'
where abs(kpi.parts_difference) > 0.01
