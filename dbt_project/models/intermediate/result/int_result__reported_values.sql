with

reported as (
    select * from {{ ref('int_result__delivered_months') }}
    where source = 'warehouse'
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- What the bank itself reports of a metric that the warehouse counts too: the newest of the last twelve months.
final as (
    select
        reported.subject_kind,
        reported.subject_id,
        reported.metric,
        reported.month,
        reported.value
    from reported
    cross join run_context
    where reported.month >= {{ add_months('run_context.policy_month', -12) }}
    qualify
        row_number() over (partition by reported.subject_id, reported.metric order by reported.month desc nulls last)
        = 1
)

select * from final
