with

target as (
    select * from {{ ref('stg_landing__target') }}
),

month_weight as (
    select * from {{ ref('int_result__month_weights') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

target_in_hand as (
    select
        target.org_id,
        target.metric,
        target.amount
    from target
    inner join run_context on {{ period_start('year', 'run_context.policy_month') }} = target.year
),

quarter_weight as (
    select
        target_in_hand.org_id,
        target_in_hand.metric,
        target_in_hand.amount,
        month_weight.quarter,
        sum(month_weight.weight) as weight
    from target_in_hand
    inner join month_weight on month_weight.metric = target_in_hand.metric
    group by target_in_hand.org_id, target_in_hand.metric, target_in_hand.amount, month_weight.quarter
),

of_quarter as (
    {{ largest_remainder(
        'quarter_weight', ['org_id', 'metric', 'quarter'], ['org_id', 'metric'], 'amount', 'weight', 'quarter', places=4
    ) | indent(4) }}
),

month_in_quarter as (
    select
        of_quarter.org_id,
        of_quarter.metric,
        of_quarter.quarter,
        of_quarter.part as amount,
        month_weight.month,
        month_weight.weight
    from of_quarter
    inner join month_weight on month_weight.metric = of_quarter.metric and month_weight.quarter = of_quarter.quarter
),

of_month as (
    {{ largest_remainder(
        'month_in_quarter', ['org_id', 'metric', 'quarter', 'month'], ['org_id', 'metric', 'quarter'], 'amount',
        'weight', 'month', places=4
    ) | indent(4) }}
),

final as (
    select
        org_id,
        metric,
        month,
        part as target
    from of_month
)

select * from final
