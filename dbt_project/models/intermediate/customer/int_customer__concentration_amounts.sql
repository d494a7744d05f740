{{ config(materialized="view") }}

with

customer as (
    select * from {{ ref('int_customer__own_amounts') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

contribution_window as (
    select * from {{ ref('int_customer__contribution_windows') }}
),

-- A customer twice: by its own measure, and by what it earned the bank.
final as (
    select
        customer.customer_id,
        customer.lead_org_id,
        customer.segment,
        held.tier_code,
        customer.own_amount,
        customer.own_measure_id as measure,
        customer.own_amount as amount
    from customer
    inner join held on held.customer_id = customer.customer_id
    union all
    select
        customer.customer_id,
        customer.lead_org_id,
        customer.segment,
        held.tier_code,
        customer.own_amount,
        'revenue_12m' as measure,
        {{ as_money('coalesce(contribution_window.revenue_12m, 0)') }} as amount
    from customer
    inner join held on held.customer_id = customer.customer_id
    left join contribution_window on contribution_window.customer_id = customer.customer_id
)

select * from final
