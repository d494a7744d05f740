with

final as (
    {{ awarded(ref('int_decision__rules_met'), 2) }}
)

select * from final
