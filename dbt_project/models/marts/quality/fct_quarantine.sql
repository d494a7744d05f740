with

quarantine as (
    select * from {{ source('gate_1', 'quarantine') }}
),

final as (
    select
        table_name,
        business_date,
        row_key,
        rule_id,
        severity,
        rows_held,
        rows_counted
    from quarantine
)

select * from final
