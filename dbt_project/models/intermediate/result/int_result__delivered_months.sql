with

reported as (
    select * from {{ ref('stg_landing__reported_metric') }}
),

metric as (
    {{ rows_in_force('policy_metric') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        metric.subject_kind,
        reported.org_id as subject_id,
        metric.metric,
        metric.kind,
        metric.source,
        reported.month,
        cast(reported.value as decimal(38, 6)) as value
    from reported
    cross join run_context
    inner join metric on metric.metric = reported.metric and metric.subject_kind = 'org'
    where reported.month <= run_context.policy_month
)

select * from final
