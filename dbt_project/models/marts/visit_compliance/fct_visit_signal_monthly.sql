with

signal as (
    select * from {{ ref('int_visit__signals') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        signal.visit_id,
        signal.employee_id,
        signal.customer_id,
        signal.visited_on,
        signal.signal,
        signal.is_doubtful
    from signal
    cross join run_context
)

select * from final
