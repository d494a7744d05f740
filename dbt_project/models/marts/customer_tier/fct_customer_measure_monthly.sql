with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- The measures that the rules used, at full precision: what-ifs and explanations start here.
final as (
    select
        run_context.policy_month,
        measures.*
    from measures
    cross join run_context
)

select * from final
