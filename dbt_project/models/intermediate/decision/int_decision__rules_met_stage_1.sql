with

final as (
    {{ rules_met([ref('int_customer__measure_values')], 1) }}
)

select * from final
