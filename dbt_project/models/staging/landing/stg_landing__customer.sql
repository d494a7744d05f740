with

customer as (
    select * from {{ source('accepted', 'customer') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- The birth date and the number of the document end here: the age in completed years, the next birthday and whether
-- they are known go on.
final as (
    select
        customer.customer_id,
        customer.customer_kind,
        customer.org_id as lead_org_id,
        customer.opened_on,
        customer.wealth_admission,
        coalesce(customer.marketing_consent, false) as has_marketing_consent,
        customer.birth_date is not null as has_birth_date,
        customer.id_number is not null as has_id_number,
        {{ next_anniversary('customer.birth_date', 'run_context.business_date') }} as next_birthday_on,
        {{ next_anniversary('customer.opened_on', 'run_context.business_date') }} as next_anniversary_on,
        {{ completed_years('customer.birth_date', 'run_context.business_date') }} as age,
        {{ completed_years('customer.opened_on', 'run_context.business_date') }} as customer_years
    from customer
    cross join run_context
)

select * from final
