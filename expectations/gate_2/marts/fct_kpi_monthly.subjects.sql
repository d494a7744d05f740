-- Every organisation and everybody employed has every metric that the warehouse counts, once; nobody else has any.
with subject as (
    select
        'org' as subject_kind,
        org_id as subject_id
    from marts.dim_organization
    union all
    select
        'employee' as subject_kind,
        employee_id as subject_id
    from marts.dim_employee
    where is_active
),

both_sides as (
    select
        kpi.subject_kind,
        kpi.subject_id,
        kpi.metric,
        1 as n
    from {{ batch }} as kpi
    inner join gate_2.in_force.policy_metric as metric
        on metric.metric = kpi.metric and metric.subject_kind = kpi.subject_kind and metric.source = 'warehouse'
    union all
    select
        subject.subject_kind,
        subject.subject_id,
        metric.metric,
        -1 as n
    from subject
    inner join gate_2.in_force.policy_metric as metric
        on metric.subject_kind = subject.subject_kind and metric.source = 'warehouse'
)

select
    subject_id,
    metric
from both_sides
group by subject_kind, subject_id, metric
having sum(n) <> 0
union all
select
    kpi.subject_id,
    kpi.metric
from {{ batch }} as kpi
left join gate_2.in_force.policy_metric as metric
    on metric.metric = kpi.metric and metric.subject_kind = kpi.subject_kind
where metric.metric is null
