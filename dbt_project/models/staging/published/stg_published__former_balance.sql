with

customer_tier_month as (
    select * from {{ source('published', 'customer_tier_month') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        customer_tier_month.customer_id,
        customer_tier_month.policy_month,
        {{ months_from('customer_tier_month.policy_month', 'run_context.policy_month') }} as months_ago,
        customer_tier_month.is_in_scope,
        customer_tier_month.financial_assets,
        customer_tier_month.deposit_balance
    from customer_tier_month
    cross join run_context
)

select * from final
