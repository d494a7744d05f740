-- The tiers of an organisation hold all its customers and all their money.
with valued as (
    select
        tier.lead_org_id,
        tier.segment,
        tier.tier_code,
        scheme.own_measure_id as measure,
        case scheme.own_measure_id
            when 'financial_assets' then tier.financial_assets
            when 'deposit_balance' then tier.deposit_balance
        end as value
    from month_in_hand.fct_customer_tier_monthly as tier
    inner join gate_2.in_force.policy_scheme as scheme on scheme.segment = tier.segment and scheme.purpose = 'tier'
    union all
    select
        lead_org_id,
        segment,
        tier_code,
        'revenue_12m' as measure,
        coalesce(revenue_12m, 0) as value
    from month_in_hand.fct_customer_360_monthly
),

at_outlet as (
    select
        lead_org_id,
        segment,
        tier_code,
        measure,
        count(*) as customers,
        sum(value) as value
    from valued
    group by lead_org_id, segment, tier_code, measure
),

both_sides as (
    select
        org_id,
        segment,
        measure,
        group_code as tier_code,
        customers,
        value
    from {{ batch }}
    where group_kind = 'tier'
    union all
    select
        organization.org_id,
        at_outlet.segment,
        at_outlet.measure,
        at_outlet.tier_code,
        -at_outlet.customers as customers,
        -at_outlet.value as value
    from at_outlet
    inner join gate_2.above as above on above.org_id = at_outlet.lead_org_id
    inner join marts.dim_organization as organization on organization.org_id = above.above_id
    where organization.org_level in ('branch', 'province_branch', 'head_office')
)

select org_id
from both_sides
group by org_id, segment, measure, tier_code
having sum(customers) <> 0 or sum(value) <> 0
