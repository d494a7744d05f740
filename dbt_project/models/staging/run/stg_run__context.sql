select
    business_date,
    {{ month_start('business_date') }} as policy_month,
    {{ add_days(add_months(month_start('business_date'), 1), -1) }} as month_end,
    base_currency,
    scenario,
    policy_version,
    duties_rest_on
from {{ source('run', 'context') }}
