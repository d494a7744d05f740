with

final as (
    {{ awarded(ref('int_decision__rules_met_stage_3'), 3) }}
)

select * from final
