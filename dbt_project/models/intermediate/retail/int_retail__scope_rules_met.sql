with

measure_values as (
    select * from {{ ref('int_retail__measure_values') }}
),

final as (
    {{ rules_met('measure_values', 'retail_scope') }}
)

select * from final
