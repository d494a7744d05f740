with

customer as (
    select * from {{ source('accepted', 'customer') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- The birth date ends here: only the age in completed years goes on.
final as (
    select
        customer.customer_id,
        customer.customer_kind,
        customer.org_id as lead_org_id,
        customer.opened_on,
        customer.wealth_admission,
        {{ completed_years('customer.birth_date', 'run_context.business_date') }} as age,
        {{ completed_years('customer.opened_on', 'run_context.business_date') }} as customer_years
    from customer
    cross join run_context
)

select * from final
