-- One row per customer and purpose whose outcome would change.
with

outcome as (
    select * from simulation.outcome
    where outcome_in_force is distinct from outcome_proposed
),

measures as (
    select * from proposed.int_customer__measures
),

published as (
    select * from in_force.fct_customer_tier_monthly
),

tier as (
    select * from proposed.int_policy__tier_entries
),

-- A tier that the proposed policy no longer has keeps the rank that it was published with.
ranked as (
    select
        outcome.customer_id,
        coalesce(former.tier_rank, published.tier_rank) as rank_in_force,
        proposed_tier.tier_rank as rank_proposed
    from outcome
    inner join published on published.customer_id = outcome.customer_id
    left join tier as former on former.tier_code = outcome.outcome_in_force
    inner join tier as proposed_tier on proposed_tier.tier_code = outcome.outcome_proposed
    where outcome.purpose = 'tier'
),

final as (
    select
        outcome.customer_id,
        measures.segment,
        measures.lead_org_id,
        outcome.purpose,
        outcome.outcome_in_force,
        outcome.outcome_proposed,
        case
            when outcome.purpose <> 'tier' then null
            when ranked.rank_proposed < ranked.rank_in_force then 'up'
            when ranked.rank_proposed > ranked.rank_in_force then 'down'
            else 'same'
        end as direction,
        cast(round(measures.financial_assets, 2) as decimal(18, 2)) as financial_assets,
        cast(round(measures.deposit_balance, 2) as decimal(18, 2)) as deposit_balance
    from outcome
    inner join measures on measures.customer_id = outcome.customer_id
    left join ranked on ranked.customer_id = outcome.customer_id
)

select * from final
order by purpose, customer_id
