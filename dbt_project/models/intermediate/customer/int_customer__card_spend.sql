with

card_transaction as (
    select * from {{ ref('stg_landing__card_transaction') }}
),

card as (
    select * from {{ ref('stg_landing__card') }}
),

spend_rule as (
    {{ rows_in_force('policy_card_spend') }}
),

run_context as (
    select
        business_date,
        {{ add_months('business_date', '-' ~ parameter('card_spend_window_months')) }} as window_opens_after
    from {{ ref('stg_run__context') }}
),

-- The card's kind is that of the transaction, else of the newest snapshot, whatever the card's status: spend on a
-- cancelled card counts.
spend as (
    select
        card_transaction.customer_id,
        sum(
            case when spend_rule.sign < 0 then -card_transaction.amount_cny else card_transaction.amount_cny end
        ) as net_spend
    from card_transaction
    cross join run_context
    left join card on card.card_id = card_transaction.card_id
    inner join spend_rule
        on
            spend_rule.card_kind = coalesce(card_transaction.card_kind, card.card_kind)
            and spend_rule.transaction_kind = card_transaction.transaction_kind
    where
        card_transaction.transacted_on > run_context.window_opens_after
        and card_transaction.transacted_on <= run_context.business_date
    group by card_transaction.customer_id
),

final as (
    select
        customer_id,
        greatest(net_spend, cast({{ parameter('card_spend_floor') }} as decimal(38, 10))) as card_spend_12m
    from spend
)

select * from final
