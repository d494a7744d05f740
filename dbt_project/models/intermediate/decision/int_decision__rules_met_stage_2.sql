with

final as (
    {{ rules_met([ref('int_customer__measure_values'), ref('int_decision__route_values')], 2) }}
)

select * from final
