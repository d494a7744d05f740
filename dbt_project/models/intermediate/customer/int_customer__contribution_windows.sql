with

contribution as (
    select * from {{ ref('stg_landing__contribution') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

recent as (
    select
        contribution.customer_id,
        contribution.revenue,
        contribution.economic_capital_return,
        {{ months_from('contribution.contribution_month', 'run_context.policy_month') }} as months_ago
    from contribution
    cross join run_context
    where
        contribution.contribution_month < run_context.policy_month
        and contribution.contribution_month >= {{ add_months('run_context.policy_month', -12) }}
),

-- The policy month has no figures yet; a window without a delivered month is unknown, not 0 (R68).
final as (
    select
        {% for amount in ['revenue', 'economic_capital_return'] -%}
        {% for months in [3, 6] -%}
        sum(case when months_ago <= {{ months }} then {{ amount }} end) as {{ amount }}_{{ months }}m,
        {% endfor -%}
        sum({{ amount }}) as {{ amount }}_12m,
        {% endfor -%}
        customer_id
    from recent
    group by customer_id
)

select * from final
