-- One row per customer and purpose of a scheme: the outcome in force and the proposed one, null if there is none, and
-- the customer's amounts, rounded once as the marts publish them. Every sum of a what-if adds up these amounts.
with

published as (
    select * from in_force.fct_customer_tier_monthly
),

in_force_outcome as (
    select customer_id, 'tier' as purpose, tier_code as outcome from published
    union all
    select customer_id, 'size' as purpose, size_tier as outcome from published
    where size_tier is not null
    union all
    select customer_id, 'value' as purpose, value_class as outcome from published
    where value_class is not null
    union all
    select customer_id, 'cooperation' as purpose, cooperation_class as outcome from published
    where cooperation_class is not null
    union all
    select customer_id, 'maintainer' as purpose, coalesce(recommended_role, maintaining_department) as outcome
    from published
    where coalesce(recommended_role, maintaining_department) is not null
    union all
    select customer_id, 'managing_level' as purpose, managing_level as outcome from published
    where managing_level is not null
),

proposed_outcome as (
    select customer_id, 'tier' as purpose, tier_code as outcome from proposed.int_decision__held_tiers
    union all
    select customer_id, purpose, tier_code as outcome from proposed.int_decision__awards_stage_2
    where purpose <> 'tier'
    union all
    select customer_id, purpose, tier_code as outcome from proposed.int_decision__awards_stage_3
),

measures as (
    select * from proposed.int_customer__measures
),

compared as (
    select
        coalesce(in_force_outcome.customer_id, proposed_outcome.customer_id) as customer_id,
        coalesce(in_force_outcome.purpose, proposed_outcome.purpose) as purpose,
        in_force_outcome.outcome as outcome_in_force,
        proposed_outcome.outcome as outcome_proposed
    from in_force_outcome
    full outer join proposed_outcome
        on
            proposed_outcome.customer_id = in_force_outcome.customer_id
            and proposed_outcome.purpose = in_force_outcome.purpose
),

final as (
    select
        compared.customer_id,
        measures.segment,
        measures.lead_org_id,
        compared.purpose,
        compared.outcome_in_force,
        compared.outcome_proposed,
        coalesce(compared.outcome_in_force, '') <> coalesce(compared.outcome_proposed, '') as is_moved,
        cast(round(measures.financial_assets, 2) as decimal(18, 2)) as financial_assets,
        cast(round(measures.deposit_balance, 2) as decimal(18, 2)) as deposit_balance
    from compared
    inner join measures on measures.customer_id = compared.customer_id
)

select * from final
