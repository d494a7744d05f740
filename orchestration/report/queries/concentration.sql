-- One row per organisation, segment and share of the greatest customers: how many they are and what they hold. The
-- marts have it for the levels that the policy asks for.
with

setting as (
    select * from report_setting
),

concentration as (
    select * from marts.fct_concentration_monthly
),

final as (
    select
        concentration.org_id,
        concentration.segment,
        concentration.measure,
        concentration.group_code,
        concentration.customers,
        concentration.value,
        concentration.share_of_value
    from concentration
    inner join setting on setting.month_in_hand = concentration.policy_month
    where concentration.group_kind = 'top'
)

select * from final
order by org_id asc, segment desc, measure asc, group_code asc
