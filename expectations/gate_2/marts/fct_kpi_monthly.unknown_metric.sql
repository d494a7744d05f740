with delivered as (
    select metric from scratch.accepted.reported_metric
    union
    select metric from scratch.accepted.target
)

select delivered.metric
from delivered
left join gate_2.in_force.policy_metric as metric on metric.metric = delivered.metric
where metric.metric is null
