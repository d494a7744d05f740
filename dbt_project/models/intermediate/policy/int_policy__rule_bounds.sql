with

condition as (
    select * from {{ ref('int_policy__conditions') }}
),

worded as (
    select
        *,
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

-- Alternatives joined by or, in a total order.
numbered as (
    select
        rule_id,
        condition_no,
        is_soft,
        {{ listagg('bound', 'bound', ' or ') }} as bound
    from worded
    group by rule_id, condition_no, is_soft
),

final as (
    select
        rule_id,
        {{ listagg("case when is_soft then concat(bound, ' (in principle)') else bound end", 'condition_no') }} as bound
    from numbered
    group by rule_id
)

select * from final
