with

condition as (
    {{ rows_in_force('policy_tier_rule') }}
),

worded as (
    select
        rule_id,
        scheme,
        condition_no,
        clause_ref,
        concat(
            case
                when lower_bound is null then ''
                when lower_inclusive then concat({{ plain_number('lower_bound') }}, ' <= ')
                else concat({{ plain_number('lower_bound') }}, ' < ')
            end,
            measure_id,
            case when category_value is null then '' else concat(' = ', category_value) end,
            case
                when upper_bound is null then ''
                when upper_inclusive then concat(' <= ', {{ plain_number('upper_bound') }})
                else concat(' < ', {{ plain_number('upper_bound') }})
            end
        ) as bound
    from condition
),

final as (
    select
        rule_id,
        scheme,
        clause_ref,
        count(*) as conditions,
        {{ listagg('bound', 'condition_no') }} as bound
    from worded
    group by rule_id, scheme, clause_ref
)

select * from final
