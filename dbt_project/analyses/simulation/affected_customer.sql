-- One row per customer and purpose whose outcome would change.
with

outcome as (
    select * from simulation.outcome
    where is_moved
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

-- If the proposed policy no longer has the tier, there is no direction.
final as (
    select
        outcome.customer_id,
        outcome.segment,
        outcome.lead_org_id,
        outcome.purpose,
        outcome.outcome_in_force,
        outcome.outcome_proposed,
        case
            when ranked.rank_proposed < ranked.rank_in_force then 'up'
            when ranked.rank_proposed > ranked.rank_in_force then 'down'
        end as direction,
        outcome.financial_assets,
        outcome.deposit_balance
    from outcome
    left join ranked on ranked.customer_id = outcome.customer_id
)

select * from final
order by purpose, customer_id
