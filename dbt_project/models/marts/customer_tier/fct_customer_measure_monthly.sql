with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- What the rules looked at, in full decimals: a what-if and an explanation start from here.
final as (
    select
        run_context.policy_month,
        measures.*
    from measures
    cross join run_context
)

select * from final
