with

row_count as (
    select * from {{ source('gate_1', 'row_count') }}
),

final as (
    select table_name
    from row_count
)

select * from final
