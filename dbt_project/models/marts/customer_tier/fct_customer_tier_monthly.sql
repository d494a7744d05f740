with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

history as (
    select * from {{ ref('int_decision__tier_histories') }}
),

distance as (
    select * from {{ ref('int_decision__tier_distances') }}
),

outcome as (
    select * from {{ ref('int_decision__outcomes') }}
),

scope as (
    select * from {{ ref('int_decision__scopes') }}
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
        {% for amount in [
            'financial_assets', 'deposit_balance', 'card_spend_12m', 'loan_balance', 'custody_margin_balance'
        ] -%}
        {{ as_money('measures.' ~ amount) }} as {{ amount }},
        {% endfor -%}
        measures.best_card_grade,
        {{ as_money('measures.target_credit_amount') }} as target_credit_amount,
        scope.is_in_scope,
        held.tier_code,
        held.tier_rank,
        outcome.size_tier,
        measures.size_basis,
        outcome.value_class,
        outcome.cooperation_class,
        held.previous_tier_code,
        held.tier_movement,
        {{ as_money('distance.amount_to_next_tier') }} as amount_to_next_tier,
        held.is_gap_fill,
        held.is_assumed,
        coalesce(outcome.is_value_class_assumed, false) as is_value_class_assumed,
        coalesce(outcome.is_cooperation_class_assumed, false) as is_cooperation_class_assumed,
        outcome.recommended_role,
        outcome.maintaining_department,
        outcome.managing_level,
        held.computed_tier_code,
        held.is_held,
        held.months_below,
        history.tier_since,
        history.tier_before,
        history.is_flip,
        history.flips
    from measures
    cross join run_context
    inner join held on held.customer_id = measures.customer_id
    inner join history on history.customer_id = measures.customer_id
    inner join distance on distance.customer_id = measures.customer_id
    inner join scope on scope.customer_id = measures.customer_id
    left join outcome on outcome.customer_id = measures.customer_id
)

select * from final
