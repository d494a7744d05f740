with

measure_values as (
    select * from {{ ref('int_customer__measure_values') }}
),

final as (
    {{ rules_met('measure_values', 1) }}
)

select * from final
