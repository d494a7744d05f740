-- One row per month: the business date that it is published as of.
with

setting as (
    select * from report_setting
),

tiered as (
    select * from marts.fct_customer_tier_monthly
),

final as (
    select
        tiered.policy_month,
        max(tiered.as_of_date) as as_of_date,
        max(tiered.as_of_date) = last_day(tiered.policy_month) as is_closed
    from tiered
    inner join setting on tiered.policy_month between setting.first_month and setting.month_in_hand
    group by tiered.policy_month
)

select * from final
order by policy_month
