-- One row per month: the business date that it is published as of.
with

setting as (
    select * from report_setting
),

month as (
    select * from marts.dim_month
),

final as (
    select
        month.policy_month,
        month.business_date as as_of_date,
        month.is_closed
    from month
    inner join setting on month.policy_month between setting.first_month and setting.month_in_hand
)

select * from final
order by policy_month
