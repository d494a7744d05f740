with

subject as (
    select * from {{ ref('int_result__subjects') }}
),

metric as (
    {{ rows_in_force('policy_metric') }}
),

amount as (
    select * from {{ ref('int_result__org_amounts') }}
    union all
    select * from {{ ref('int_result__employee_amounts') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- Every subject has every metric: who has nobody has 0.
final as (
    select
        subject.subject_kind,
        subject.subject_id,
        metric.metric,
        metric.kind,
        cast(round(coalesce(amount.amount, 0), 6) as decimal(38, 6)) as value,
        run_context.policy_month as value_month
    from subject
    cross join run_context
    inner join metric on metric.subject_kind = subject.subject_kind and metric.source = 'warehouse'
    left join amount
        on
            amount.subject_kind = subject.subject_kind
            and amount.subject_id = subject.subject_id
            and amount.metric = metric.metric
)

select * from final
