with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

outcome as (
    select * from {{ ref('int_decision__outcomes') }}
    where recommended_role is not null
),

pool as (
    select * from {{ ref('int_maintenance__pools') }}
),

-- The customers that somebody has to maintain: those with a recommended role.
final as (
    select
        measures.customer_id,
        measures.lead_org_id,
        measures.financial_assets,
        held.tier_code,
        held.tier_rank,
        held.tier_movement,
        outcome.recommended_role,
        pool.pool_org_id
    from outcome
    inner join measures on measures.customer_id = outcome.customer_id
    inner join held on held.customer_id = outcome.customer_id
    left join pool on pool.lead_org_id = measures.lead_org_id and pool.role = outcome.recommended_role
)

select * from final
