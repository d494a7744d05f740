-- One row per scope and month: customers and assets, up to the month in hand.
with

scope as (
    select * from report_scope
),

setting as (
    select * from report_setting
),

tiered as (
    select * from marts.fct_customer_tier_monthly
),

by_organization as (
    select
        tiered.policy_month,
        tiered.lead_org_id,
        count(*) as customers,
        sum(tiered.financial_assets) as financial_assets
    from tiered
    inner join setting on tiered.policy_month between setting.first_month and setting.month_in_hand
    group by tiered.policy_month, tiered.lead_org_id
),

final as (
    select
        scope.scope_id,
        by_organization.policy_month,
        sum(by_organization.customers)::bigint as customers,
        coalesce(sum(by_organization.financial_assets), 0) as financial_assets
    from by_organization
    inner join scope on scope.org_id = by_organization.lead_org_id
    group by scope.scope_id, by_organization.policy_month
)

select * from final
order by scope_id, policy_month
