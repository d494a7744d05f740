-- One row per purpose, segment, outcome in force and proposed outcome: customers and assets that move or stay.
with

outcome as (
    select * from simulation.outcome
),

final as (
    select
        purpose,
        segment,
        outcome_in_force,
        outcome_proposed,
        is_moved,
        count(*) as customers,
        cast(sum(financial_assets) as decimal(38, 2)) as financial_assets
    from outcome
    group by purpose, segment, outcome_in_force, outcome_proposed, is_moved
)

select * from final
order by purpose, segment, outcome_in_force nulls last, outcome_proposed nulls last
