-- One row per organisation, segment and tier before and now: customers and their assets of the month in hand beside the
-- month before; null on the side where a customer was not.
with

setting as (
    select * from report_setting
),

tiered as (
    select * from marts.fct_customer_tier_monthly
),

now_there as (
    select
        tiered.customer_id,
        tiered.lead_org_id,
        tiered.segment,
        tiered.tier_code,
        tiered.tier_movement,
        tiered.financial_assets
    from tiered
    inner join setting on setting.month_in_hand = tiered.policy_month
),

there_before as (
    select
        tiered.customer_id,
        tiered.lead_org_id,
        tiered.segment,
        tiered.tier_code,
        tiered.financial_assets
    from tiered
    inner join setting on setting.month_before = tiered.policy_month
),

final as (
    select
        now_there.lead_org_id as org_id,
        now_there.segment,
        now_there.tier_code,
        now_there.tier_movement,
        there_before.lead_org_id as org_id_before,
        there_before.segment as segment_before,
        there_before.tier_code as tier_code_before,
        count(*) as customers,
        coalesce(sum(now_there.financial_assets), 0) as financial_assets,
        coalesce(sum(there_before.financial_assets), 0) as financial_assets_before
    from now_there
    full join there_before on there_before.customer_id = now_there.customer_id
    group by all
)

select * from final
