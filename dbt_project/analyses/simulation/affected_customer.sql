-- One row per customer and purpose whose outcome would change.
with

outcome as (
    select * from simulation.outcome
    where outcome_in_force is distinct from outcome_proposed
),

measures as (
    select * from proposed.int_customer__measures
),

tier as (
    select * from proposed.int_policy__tier_entries
),

ranked as (
    select
        outcome.customer_id,
        former.tier_rank as rank_in_force,
        proposed_tier.tier_rank as rank_proposed
    from outcome
    inner join tier as former on former.tier_code = outcome.outcome_in_force
    inner join tier as proposed_tier
        on proposed_tier.tier_code = outcome.outcome_proposed and proposed_tier.scheme = former.scheme
    where outcome.purpose = 'tier'
),

-- Where the proposed policy has no such tier any more, up and down mean nothing.
final as (
    select
        outcome.customer_id,
        measures.segment,
        measures.lead_org_id,
        outcome.purpose,
        outcome.outcome_in_force,
        outcome.outcome_proposed,
        case
            when ranked.rank_proposed < ranked.rank_in_force then 'up'
            when ranked.rank_proposed > ranked.rank_in_force then 'down'
        end as direction,
        cast(round(measures.financial_assets, 2) as decimal(18, 2)) as financial_assets,
        cast(round(measures.deposit_balance, 2) as decimal(18, 2)) as deposit_balance
    from outcome
    inner join measures on measures.customer_id = outcome.customer_id
    left join ranked on ranked.customer_id = outcome.customer_id
)

select * from final
order by purpose, customer_id
