{{ config(materialized="view") }}

with

customer as (
    select * from {{ ref('int_customer__segments') }}
    where segment = 'corporate'
),

credit as (
    select * from {{ ref('int_customer__credit') }}
),

profile as (
    select * from {{ ref('stg_landing__corporate_profile') }}
),

run_context as (
    select {{ add_months('business_date', '-' ~ parameter('new_window_months')) }} as new_after
    from {{ ref('stg_run__context') }}
),

-- The channels of D1 art. 1; a customer may belong to several.
final as (
    select
        customer.customer_id,
        customer.opened_on > run_context.new_after as is_new_corporate,
        coalesce(customer.size_group = 'institution', false) as is_institution,
        coalesce(credit.is_credit_customer, false) as is_borrower,
        cast(profile.settlement_share as double) as settlement_share
    from customer
    cross join run_context
    left join credit on credit.customer_id = customer.customer_id
    left join profile on profile.customer_id = customer.customer_id
)

select * from final
