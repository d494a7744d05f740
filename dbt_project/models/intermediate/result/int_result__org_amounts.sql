with

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

outlet_customers as (
    select * from {{ ref('int_result__outlet_customers') }}
),

outlet_products as (
    select * from {{ ref('int_result__outlet_products') }}
),

capacity as (
    select * from {{ ref('fct_maintenance_capacity_monthly') }}
),

org_duties as (
    select * from {{ ref('fct_visit_compliance_by_org_monthly') }}
    where role_group = 'all'
),

org_visits as (
    select * from {{ ref('int_result__org_visits') }}
),

-- Amounts of outlets, which count at every organisation above.
{% set of_customers = [
    'customers', 'customers_in_scope', 'new_customers', 'financial_assets', 'deposit_balance',
    'deposit_balance_retail', 'deposit_balance_corporate', 'loan_balance', 'loan_balance_retail',
    'loan_balance_corporate', 'revenue_12m', 'upgraded_customers', 'downgraded_customers', 'churned_customers',
    'churn_base_customers', 'unreachable_customers', 'unreachable_before', 'cured_customers', 'stale_statements',
    'statements_due'
] -%}
outlet_amount as (
    {{ long_metrics('outlet_customers', 'lead_org_id', of_customers) }}
    union all
    {{ long_metrics('outlet_products', 'lead_org_id', ['npl_balance', 'credit_cards_issued']) }}
    union all
    {{ long_metrics('capacity', 'org_id', ['people_short']) }}
),

org_amount as (
    select
        ancestors.ancestor_org_id as subject_id,
        outlet_amount.metric,
        outlet_amount.amount
    from outlet_amount
    inner join ancestors on ancestors.org_id = outlet_amount.subject_id
    union all
    {{ long_metrics('org_duties', 'org_id', {
        'met': 'duties_met', 'met + open + missed': 'duties_judged', 'required_contacts': 'required_contacts',
        'credited_contacts': 'credited_contacts',
    }) }}
    union all
    {{ long_metrics('org_visits', 'org_id', ['visits', 'doubtful_visits']) }}
),

final as (
    select
        'org' as subject_kind,
        subject_id,
        metric,
        sum(amount) as amount
    from org_amount
    group by subject_id, metric
)

select * from final
