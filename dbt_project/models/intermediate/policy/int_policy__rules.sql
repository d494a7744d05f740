with

condition as (
    select * from {{ ref('int_policy__conditions') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
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

-- Alternatives in one bracket, in a total order.
numbered as (
    select
        rule_id,
        condition_no,
        is_soft,
        {{ listagg('bound', 'bound', ' or ') }} as bound
    from worded
    group by rule_id, condition_no, is_soft
),

bound as (
    select
        rule_id,
        {{ listagg("case when is_soft then concat(bound, ' (in principle)') else bound end", 'condition_no') }} as bound
    from numbered
    group by rule_id
),

-- The rows of a rule agree on what is said of the rule; the linter holds them to it.
final as (
    select
        condition.family,
        condition.rule_id,
        condition.scheme,
        condition.segment,
        condition.purpose,
        condition.stage,
        condition.route,
        condition.tier_code,
        tier.tier_rank,
        condition.hard_conditions,
        condition.clause_ref,
        condition.basis,
        condition.basis = 'assumed' as is_assumed,
        condition.is_gap_fill,
        condition.rationale,
        bound.bound
    from condition
    inner join bound on bound.rule_id = condition.rule_id
    inner join tier on tier.scheme = condition.scheme and tier.tier_code = condition.tier_code
    qualify
        row_number() over (
            partition by condition.rule_id
            order by condition.condition_no, condition.measure_id, condition.category_value nulls last
        ) = 1
)

select * from final
