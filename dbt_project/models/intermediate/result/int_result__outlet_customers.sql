with

customer as (
    select * from {{ ref('fct_customer_tier_monthly') }}
),

customer_view as (
    select * from {{ ref('fct_customer_360_monthly') }}
),

opened as (
    select * from {{ ref('int_customer__segments') }}
),

churn as (
    select * from {{ ref('int_customer__churn') }}
),

previous_red_list as (
    select * from {{ ref('stg_published__previous_red_list') }}
),

-- A customer as it is published: amounts have two places.
known as (
    select
        customer.*,
        opened.opened_on,
        customer_view.revenue_12m,
        customer_view.is_churned,
        customer_view.is_statement_stale,
        customer_view.red_list_reason is not null as is_unreachable,
        previous_red_list.customer_id is not null as was_unreachable,
        coalesce(churn.was_in_scope, false) as could_churn
    from customer
    inner join customer_view on customer_view.customer_id = customer.customer_id
    inner join opened on opened.customer_id = customer.customer_id
    left join churn on churn.customer_id = customer.customer_id
    left join previous_red_list on previous_red_list.customer_id = customer.customer_id
),

{% set counts = {
    'customers_in_scope': 'is_in_scope',
    'new_customers': 'opened_on >= policy_month and opened_on <= as_of_date',
    'upgraded_customers': "tier_movement = 'up'",
    'downgraded_customers': "tier_movement = 'down'",
    'churned_customers': 'is_churned',
    'churn_base_customers': 'could_churn',
    'unreachable_customers': 'is_unreachable',
    'unreachable_before': 'was_unreachable',
    'cured_customers': 'was_unreachable and not is_unreachable',
    'stale_statements': 'is_statement_stale',
    'statements_due': 'is_statement_stale is not null',
} -%}
final as (
    select
        lead_org_id,
        count(*) as customers,
        {% for metric, condition in counts.items() -%}
        sum(case when {{ condition }} then 1 else 0 end) as {{ metric }},
        {% endfor -%}
        sum(financial_assets) as financial_assets,
        {% for amount in ['deposit_balance', 'loan_balance'] -%}
        sum({{ amount }}) as {{ amount }},
        {% for segment in ['retail', 'corporate'] -%}
        sum(case when segment = '{{ segment }}' then {{ amount }} else 0 end) as {{ amount }}_{{ segment }},
        {% endfor -%}
        {% endfor -%}
        sum(coalesce(revenue_12m, 0)) as revenue_12m
    from known
    group by lead_org_id
)

select * from final
