with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

movements as (
    select * from {{ ref('int_customer__tier_movements') }}
),

size_tier as (
    select * from {{ ref('int_customer__tiers') }}
    where purpose = 'size'
),

size_measure as (
    select * from {{ ref('int_customer__size_measures') }}
),

in_retail_scope as (
    select distinct customer_id from {{ ref('int_retail__scope_rules_met') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        run_context.business_date as as_of_date,
        measures.customer_id,
        measures.segment,
        measures.lead_org_id,
        run_context.policy_version,
        {{ as_money('measures.financial_assets') }} as financial_assets,
        {{ as_money('measures.deposit_balance') }} as deposit_balance,
        {{ as_money('measures.card_spend_12m') }} as card_spend_12m,
        {{ as_money('measures.loan_balance') }} as loan_balance,
        {{ as_money('measures.custody_margin_balance') }} as custody_margin_balance,
        measures.best_card_grade,
        {{ as_money('measures.target_credit_amount') }} as target_credit_amount,
        case measures.segment
            when 'retail' then in_retail_scope.customer_id is not null
            else not movements.is_default
        end as is_in_scope,
        movements.tier_code,
        movements.tier_rank,
        size_tier.tier_code as size_tier,
        size_measure.measure_id as size_basis,
        cast(null as varchar(60)) as value_class,
        cast(null as varchar(60)) as cooperation_class,
        movements.previous_tier_code,
        movements.tier_movement,
        {{ as_money('movements.amount_to_next_tier') }} as amount_to_next_tier,
        movements.is_gap_fill
    from measures
    cross join run_context
    inner join movements on movements.customer_id = measures.customer_id
    left join size_tier on size_tier.customer_id = measures.customer_id
    left join size_measure on size_measure.customer_id = measures.customer_id
    left join in_retail_scope on in_retail_scope.customer_id = measures.customer_id
)

select * from final
