with

profile as (
    select * from {{ ref('stg_landing__corporate_profile') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- An undeclared share counts as 0; a margin without that of the peers is unknown (R53).
final as (
    select
        profile.customer_id,
        coalesce(profile.settlement_share, 0) as settlement_share,
        coalesce(profile.related_party_share, 0) as related_party_share,
        profile.profit_margin - profile.peer_profit_margin as profit_margin_lead,
        profile.market_position,
        profile.credit_rating,
        case
            when profile.strategic_agreement_on <= run_context.business_date then 'in_force'
        end as strategic_agreement,
        case when profile.has_bad_record then 'present' else 'none' end as bad_record
    from profile
    cross join run_context
)

select * from final
