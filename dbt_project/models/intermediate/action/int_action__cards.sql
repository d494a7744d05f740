with

card as (
    select * from {{ ref('stg_landing__card') }}
),

run_context as (
    select
        business_date,
        {{ parameter('card_not_activated_days') }} as grace_days
    from {{ ref('stg_run__context') }}
),

-- A credit card that could be used and never was.
waiting as (
    select
        card.customer_id,
        {{ add_days('card.issued_on', 'run_context.grace_days') }} as due_on,
        run_context.business_date
    from card
    cross join run_context
    where
        card.activated_on is null
        and card.card_kind in {{ listed('not_activated_card_kind') }}
        and card.status in {{ listed('not_activated_card_status') }}
),

final as (
    select
        'card_not_activated' as action_kind,
        customer_id,
        due_on,
        1 as items,
        cast(null as decimal(38, 10)) as amount
    from waiting
    where due_on <= business_date
)

select * from final
