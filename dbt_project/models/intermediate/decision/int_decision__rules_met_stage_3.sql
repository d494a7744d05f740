with

final as (
    {{ rules_met([ref('int_decision__outcome_values'), ref('int_customer__measure_values')], 3) }}
)

select * from final
