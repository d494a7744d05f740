-- A transaction may name a customer or a card that is gone: it counts for nobody.
with spent as (
    select
        customer.customer_id,
        greatest(
            sum(cast(paid.amount as decimal(20, 2)) * rate.cny_per_unit * spend.sign), {{ policy.card_spend_floor }}
        ) as amount
    from scratch.accepted.card_transaction as paid
    cross join scratch.run.context as run
    inner join scratch.accepted.customer as customer on customer.customer_id = paid.customer_id
    left join scratch.accepted.card as card on card.card_id = paid.card_id
    inner join gate_2.in_force.policy_card_spend as spend
        on
            spend.card_kind = coalesce(paid.card_kind, card.card_kind)
            and spend.transaction_kind = paid.transaction_kind
    inner join gate_2.cny_rate as rate on rate.currency = paid.currency
    where
        paid.transacted_on <= run.business_date
        and paid.transacted_on > {{ add_months('run.business_date', '-' ~ policy.card_spend_window_months) }}
    group by customer.customer_id
),

both_sides as (
    select
        customer_id,
        card_spend_12m as amount
    from {{ batch }}
    union all
    select
        customer_id,
        -amount as amount
    from spent
)

select customer_id
from both_sides
group by customer_id
having abs(sum(amount)) > 0.005
