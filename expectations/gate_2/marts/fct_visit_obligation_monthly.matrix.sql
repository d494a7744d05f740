with owed as (
    select
        tiered.customer_id,
        tiered.lead_org_id,
        frequency.tier_code,
        frequency.role_group,
        frequency.contacts_per_period,
        frequency.period_months,
        frequency.clause_ref,
        case when tiered.previous_tier_code is null then 'current' else 'previous_month' end as obligation_basis
    from month_in_hand.fct_customer_tier_monthly as tiered
    left join scratch.accepted.corporate_profile as profile on profile.customer_id = tiered.customer_id
    inner join gate_2.in_force.policy_visit_frequency as frequency
        on frequency.tier_code = coalesce(tiered.previous_tier_code, tiered.tier_code)
    where not frequency.requires_co_managed or coalesce(profile.is_co_managed, frequency.co_managed_when_unknown)
),

both_sides as (
    select
        customer_id,
        lead_org_id,
        tier_code,
        role_group,
        required_contacts,
        period_months,
        clause_ref,
        obligation_basis,
        1 as n
    from {{ batch }}
    union all
    select
        customer_id,
        lead_org_id,
        tier_code,
        role_group,
        contacts_per_period,
        period_months,
        clause_ref,
        obligation_basis,
        -1 as n
    from owed
)

select customer_id
from both_sides
group by
    customer_id,
    lead_org_id,
    tier_code,
    role_group,
    required_contacts,
    period_months,
    clause_ref,
    obligation_basis
having sum(n) <> 0
