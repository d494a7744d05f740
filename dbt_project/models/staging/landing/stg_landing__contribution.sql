select
    customer_id,
    month as contribution_month,
    revenue,
    economic_capital_return
from {{ source('accepted', 'contribution') }}
