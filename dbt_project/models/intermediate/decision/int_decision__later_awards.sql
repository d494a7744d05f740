with

final as (
    {{ awarded(ref('int_decision__later_rules_met'), 3) }}
)

select * from final
