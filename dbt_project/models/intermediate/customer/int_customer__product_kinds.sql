with

holdings as (
    select * from {{ ref('int_customer__holdings') }}
),

loan as (
    select * from {{ ref('stg_landing__loan') }}
),

card as (
    select * from {{ ref('stg_landing__card') }}
),

counted_status as (
    {{ rows_in_force('policy_counted_status') }}
),

-- Each source by itself, so that a bank's accounts and cards are never side by side.
final as (
    select
        customer_id,
        component as product_kind,
        count(*) as items,
        sum(point_balance) as balance
    from holdings
    group by customer_id, component
    union all
    select
        loan.customer_id,
        'loan' as product_kind,
        count(*) as items,
        sum(loan.principal_cny) as balance
    from loan
    inner join counted_status on counted_status.table_name = 'loan' and counted_status.status = loan.status
    group by loan.customer_id
    union all
    select
        card.customer_id,
        card.card_kind || '_card' as product_kind,
        count(*) as items,
        cast(null as decimal(38, 10)) as balance
    from card
    inner join counted_status on counted_status.table_name = 'card' and counted_status.status = card.status
    group by card.customer_id, card.card_kind
)

select * from final
