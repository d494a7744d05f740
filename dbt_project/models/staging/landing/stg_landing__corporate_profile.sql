with

corporate_profile as (
    select * from {{ source('accepted', 'corporate_profile') }}
),

final as (
    select
        customer_id,
        established_on,
        registered_capital,
        institution_type,
        administrative_level,
        credit_rating,
        has_bad_record,
        market_position,
        strategic_agreement_on,
        cast(settlement_share as decimal(18, 10)) as settlement_share,
        cast(related_party_share as decimal(18, 10)) as related_party_share,
        try_cast(profit_margin as decimal(38, 10)) as profit_margin,
        try_cast(peer_profit_margin as decimal(38, 10)) as peer_profit_margin,
        is_co_managed
    from corporate_profile
)

select * from final
