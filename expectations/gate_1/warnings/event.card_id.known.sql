with recent as (
    select event.*
    from {{ batch }} as event
    where event._biz_date > (
        select {{ add_days('max(business_date)', '-' ~ policy.event_reference_days) }} from delivery.partition
    )
)

select recent._row
from recent
where
    recent.card_kind is null
    and not exists (
        select 1
        from landing.card as card
        where card.card_id = recent.card_id
    )
