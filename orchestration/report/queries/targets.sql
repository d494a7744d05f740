-- One row per organisation and metric: the target of the month in hand and how far it is.
with

setting as (
    select * from report_setting
),

target as (
    select * from marts.fct_target_monthly
),

final as (
    select
        target.org_id,
        target.metric,
        target.target,
        target.target_to_date,
        target.actual,
        target.run_rate
    from target
    inner join setting on setting.month_in_hand = target.policy_month and setting.month_in_hand = target.period_start
    where target.employee_id = 'all' and target.period_kind = 'month'
)

select * from final
order by org_id, metric
