with

condition as (
    select * from {{ ref('int_policy__conditions') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

bound as (
    select * from {{ ref('int_policy__rule_bounds') }}
),

-- Each condition may cite a clause of its own (D6 s. 1(2)1).
clause as (
    select
        rule_id,
        {{ listagg('clause_ref', 'clause_ref') }} as clause_ref
    from (select distinct rule_id, clause_ref from condition) as cited
    group by rule_id
),

-- The rows of a rule agree on everything about the rule except the clause; the policy lint enforces this.
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
        clause.clause_ref,
        condition.basis,
        condition.basis = 'assumed' as is_assumed,
        condition.is_gap_fill,
        condition.rationale,
        bound.bound
    from condition
    inner join bound on bound.rule_id = condition.rule_id
    inner join clause on clause.rule_id = condition.rule_id
    inner join tier on tier.scheme = condition.scheme and tier.tier_code = condition.tier_code
    qualify
        row_number() over (
            partition by condition.rule_id
            order by condition.condition_no, condition.measure_id, condition.category_value nulls last
        ) = 1
)

select * from final
