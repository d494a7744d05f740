with

contribution as (
    select * from {{ ref('stg_landing__contribution') }}
),

run_context as (
    select
        policy_month,
        {{ add_months('policy_month', '-' ~ parameter('contribution_window_months')) }} as window_opens_on
    from {{ ref('stg_run__context') }}
),

-- The closed months of the window: the policy month has no figures yet (R68).
final as (
    select
        contribution.customer_id,
        sum(contribution.revenue) as revenue_12m,
        sum(contribution.economic_capital_return) as economic_capital_return_12m
    from contribution
    cross join run_context
    where
        contribution.contribution_month >= run_context.window_opens_on
        and contribution.contribution_month < run_context.policy_month
    group by contribution.customer_id
)

select * from final
