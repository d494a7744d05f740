-- Per customer and kind; rounding may add or remove half a fen. A card has no balance.
with held as (
    select
        account.customer_id,
        'account' as source_table,
        account.product_type as product_kind,
        account.status,
        greatest(
            cast(account.balance as decimal(20, 2)) * rate.cny_per_unit, {{ policy.account_balance_floor }}
        ) as balance
    from scratch.accepted.account as account
    inner join gate_2.cny_rate as rate on rate.currency = account.currency
    union all
    select
        brokerage.customer_id,
        'brokerage' as source_table,
        'custody_margin' as product_kind,
        brokerage.status,
        cast(brokerage.margin_balance as decimal(20, 2)) * rate.cny_per_unit as balance
    from scratch.accepted.brokerage as brokerage
    inner join gate_2.cny_rate as rate on rate.currency = brokerage.currency
    union all
    select
        loan.customer_id,
        'loan' as source_table,
        'loan' as product_kind,
        loan.status,
        cast(loan.principal_balance as decimal(20, 2)) * rate.cny_per_unit as balance
    from scratch.accepted.loan as loan
    inner join gate_2.cny_rate as rate on rate.currency = loan.currency
    union all
    select
        card.customer_id,
        'card' as source_table,
        card.card_kind || '_card' as product_kind,
        card.status,
        null as balance
    from scratch.accepted.card as card
),

both_sides as (
    select
        customer_id,
        lead_org_id,
        product_kind,
        items,
        balance
    from {{ batch }}
    union all
    select
        held.customer_id,
        customer.lead_org_id,
        held.product_kind,
        -1 as items,
        -held.balance as balance
    from held
    inner join gate_2.in_force.policy_counted_status as counted
        on counted.table_name = held.source_table and counted.status = held.status
    inner join marts.dim_customer as customer on customer.customer_id = held.customer_id
)

select customer_id
from both_sides
group by customer_id, lead_org_id, product_kind
having sum(items) <> 0 or abs(sum(balance)) > 0.005
