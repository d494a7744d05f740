with

card_transaction as (
    select * from {{ source('accepted', 'card_transaction') }}
),

rate as (
    select * from {{ ref('stg_landing__cny_rate') }}
),

final as (
    select
        card_transaction.transaction_id,
        card_transaction.card_id,
        card_transaction.customer_id,
        card_transaction.transacted_on,
        card_transaction.transaction_kind,
        card_transaction.card_kind,
        {{ in_cny('card_transaction.amount', 'rate.cny_per_unit') }} as amount_cny
    from card_transaction
    inner join rate on rate.currency = card_transaction.currency
)

select * from final
