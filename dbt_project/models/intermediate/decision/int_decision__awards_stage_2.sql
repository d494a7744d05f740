with

final as (
    {{ awarded(ref('int_decision__rules_met_stage_2'), 2) }}
)

select * from final
