with

link as (
    select * from {{ ref('stg_landing__customer_link') }}
    where linked_customer_id <> customer_id
),

measures as (
    select * from {{ ref('int_customer__measures') }}
),

-- A link is stated once and holds both ways; whoever is linked in several ways is one.
pair as (
    select customer_id, linked_customer_id from link
    union
    select linked_customer_id as customer_id, customer_id as linked_customer_id from link
),

final as (
    select
        pair.customer_id,
        count(*) as linked_customers,
        sum({{ as_money('measures.financial_assets') }}) as linked_financial_assets,
        sum({{ as_money('measures.loan_balance') }}) as linked_loan_balance
    from pair
    inner join measures on measures.customer_id = pair.linked_customer_id
    group by pair.customer_id
)

select * from final
