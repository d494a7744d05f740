with

contact as (
    select * from {{ ref('int_coverage__counted_contacts') }}
    where is_in_month
),

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        contact.employee_id,
        employee.role,
        employee.org_id,
        count(distinct contact.visit_id) as counted_contacts,
        count(distinct contact.customer_id) as customers_contacted
    from contact
    cross join run_context
    inner join employee on employee.employee_id = contact.employee_id
    group by run_context.policy_month, contact.employee_id, employee.role, employee.org_id
)

select * from final
