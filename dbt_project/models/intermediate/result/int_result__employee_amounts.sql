with

assignment as (
    select * from {{ ref('fct_maintenance_assignment_monthly') }}
),

customer as (
    select * from {{ ref('fct_customer_tier_monthly') }}
),

customer_view as (
    select * from {{ ref('fct_customer_360_monthly') }}
),

activity as (
    select * from {{ ref('fct_visit_compliance_by_employee_monthly') }}
),

maintained as (
    select
        assignment.employee_id,
        count(*) as assigned_customers,
        sum(customer.financial_assets) as assigned_financial_assets,
        sum(case when customer_view.red_list_reason is null then 0 else 1 end) as unreachable_customers,
        sum(case when customer.tier_movement = 'up' then 1 else 0 end) as upgraded_customers
    from assignment
    inner join customer on customer.customer_id = assignment.customer_id
    inner join customer_view on customer_view.customer_id = assignment.customer_id
    where assignment.employee_id is not null
    group by assignment.employee_id
),

-- The income counts for the first maintainer, whoever looks after the customer now (R41).
credited as (
    select
        assignment.credit_employee_id,
        sum(coalesce(customer_view.revenue_12m, 0)) as credited_revenue_12m
    from assignment
    inner join customer_view on customer_view.customer_id = assignment.customer_id
    where assignment.credit_employee_id is not null
    group by assignment.credit_employee_id
),

amount as (
    {{ long_metrics('maintained', 'employee_id', [
        'assigned_customers', 'assigned_financial_assets', 'unreachable_customers', 'upgraded_customers'
    ]) }}
    union all
    {{ long_metrics('credited', 'credit_employee_id', ['credited_revenue_12m']) }}
    union all
    {{ long_metrics('activity', 'employee_id', ['counted_contacts', 'customers_contacted', 'doubtful_contacts']) }}
),

final as (
    select
        'employee' as subject_kind,
        subject_id,
        metric,
        amount
    from amount
)

select * from final
