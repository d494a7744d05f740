-- One row per customer and purpose of a scheme: the outcome in force and the proposed one, null where there is none.
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
    select customer_id, purpose, tier_code as outcome from proposed.int_decision__awards
    where purpose <> 'tier'
    union all
    select customer_id, purpose, tier_code as outcome from proposed.int_decision__later_awards
),

final as (
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
)

select * from final
