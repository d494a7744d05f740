-- Customers and their money, at their lead outlet and every organisation above it.
with counted as (
    select
        lead_org_id,
        count(*) as customers,
        sum(case when is_in_scope then 1 else 0 end) as customers_in_scope,
        sum(financial_assets) as financial_assets,
        sum(deposit_balance) as deposit_balance,
        sum(loan_balance) as loan_balance
    from month_in_hand.fct_customer_tier_monthly
    group by lead_org_id
),

long as (
    {% for metric in ['customers', 'customers_in_scope', 'financial_assets', 'deposit_balance', 'loan_balance'] -%}
    select
        lead_org_id,
        '{{ metric }}' as metric,
        {{ metric }} as amount
    from counted
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

both_sides as (
    select
        subject_id,
        metric,
        value
    from {{ batch }}
    where subject_kind = 'org' and metric in (select metric from long)
    union all
    select
        above.above_id as subject_id,
        long.metric,
        -long.amount as value
    from long
    inner join gate_2.above as above on above.org_id = long.lead_org_id
    inner join gate_2.in_force.policy_metric as metric
        on metric.metric = long.metric and metric.subject_kind = 'org' and metric.source = 'warehouse'
)

select
    subject_id,
    metric
from both_sides
group by subject_id, metric
having sum(value) <> 0
