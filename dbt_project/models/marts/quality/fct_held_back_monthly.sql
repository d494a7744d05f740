with

held_back as (
    select * from {{ source('gate_1', 'held_back') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        held_back.customer_id,
        held_back.table_name,
        held_back.rule_id,
        held_back.rows_held
    from held_back
    cross join run_context
)

select * from final
