with

condition as (
    select * from {{ ref('int_policy__conditions') }}
),

rule as (
    select * from {{ ref('int_policy__rules') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- Alternatives of one condition number get a number of their own, so that each row has a key.
final as (
    select
        run_context.policy_month,
        condition.scheme,
        condition.purpose,
        condition.rule_id,
        cast(condition.condition_no as integer) as condition_no,
        cast(
            row_number() over (
                partition by condition.rule_id, condition.condition_no
                order by
                    condition.measure_id,
                    condition.category_value nulls last,
                    condition.lower_bound nulls last,
                    condition.upper_bound nulls last
            ) as integer
        ) as alternative_no,
        condition.segment,
        condition.route,
        condition.tier_code,
        cast(rule.tier_rank as integer) as tier_rank,
        condition.measure_id,
        condition.lower_bound,
        condition.lower_inclusive,
        condition.upper_bound,
        condition.upper_inclusive,
        condition.category_value,
        condition.is_soft,
        condition.clause_ref,
        condition.basis,
        condition.is_gap_fill,
        condition.rationale
    from condition
    inner join rule on rule.rule_id = condition.rule_id
    cross join run_context
)

select * from final
