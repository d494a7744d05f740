with

card as (
    select * from {{ source('accepted', 'card') }}
),

final as (
    select
        card_id,
        customer_id,
        card_kind,
        card_grade,
        issued_on,
        activated_on,
        status
    from card
)

select * from final
