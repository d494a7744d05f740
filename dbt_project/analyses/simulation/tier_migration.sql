-- One row per purpose, segment, outcome in force and proposed outcome: customers and assets that move or stay.
with

outcome as (
    select * from simulation.outcome
),

measures as (
    select * from proposed.int_customer__measures
),

final as (
    select
        outcome.purpose,
        measures.segment,
        outcome.outcome_in_force,
        outcome.outcome_proposed,
        coalesce(outcome.outcome_in_force, '') <> coalesce(outcome.outcome_proposed, '') as is_moved,
        count(*) as customers,
        cast(round(sum(measures.financial_assets), 2) as decimal(38, 2)) as financial_assets
    from outcome
    inner join measures on measures.customer_id = outcome.customer_id
    group by outcome.purpose, measures.segment, outcome.outcome_in_force, outcome.outcome_proposed
)

select * from final
order by purpose, segment, outcome_in_force nulls last, outcome_proposed nulls last
