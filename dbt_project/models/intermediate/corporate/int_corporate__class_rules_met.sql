with

measure_values as (
    select * from {{ ref('int_corporate__measure_values') }}
),

final as (
    {{ rules_met('measure_values', 'corporate_class') }}
)

select * from final
