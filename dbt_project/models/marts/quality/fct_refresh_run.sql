with

earlier_run as (
    select * from {{ source('published', 'refresh_run') }}
),

run_context as (
    select * from {{ source('run', 'context') }}
),

row_count as (
    select
        sum(received) as rows_received,
        sum(accepted) as rows_accepted,
        sum(quarantined) as rows_quarantined
    from {{ source('gate_1', 'row_count') }}
),

-- The time of publication is not known yet: publication fills it in.
this_run as (
    select
        run_context.run_id,
        run_context.business_date,
        run_context.known_on,
        cast(null as timestamp) as published_at,
        run_context.code_version,
        run_context.policy_version,
        run_context.input_fingerprint,
        cast(row_count.rows_received as bigint) as rows_received,
        cast(row_count.rows_accepted as bigint) as rows_accepted,
        cast(row_count.rows_quarantined as bigint) as rows_quarantined
    from run_context
    cross join row_count
),

final as (
    select * from earlier_run
    union all
    select * from this_run
)

select * from final
