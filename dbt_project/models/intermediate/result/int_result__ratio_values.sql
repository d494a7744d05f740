with

operand as (
    select * from {{ ref('int_result__ratio_operands') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        operand.subject_kind,
        operand.subject_id,
        operand.metric,
        'ratio' as kind,
        case
            when operand.numerator_month = operand.denominator_month
                then {{ rounded_ratio('operand.numerator', 'operand.denominator') }}
        end as value,
        case
            when operand.numerator_month = operand.denominator_month then operand.numerator_month
            else run_context.policy_month
        end as value_month
    from operand
    cross join run_context
)

select * from final
