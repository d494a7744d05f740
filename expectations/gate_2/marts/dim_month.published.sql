with refreshed as (
    select distinct {{ month_start('business_date') }} as policy_month
    from marts.fct_refresh_run
)

select coalesce(month.policy_month, refreshed.policy_month) as policy_month
from marts.dim_month as month
full outer join refreshed on refreshed.policy_month = month.policy_month
where
    month.policy_month is null
    or refreshed.policy_month is null
    or month.is_newest <> (month.policy_month = (select max(newest.policy_month) from refreshed as newest))
