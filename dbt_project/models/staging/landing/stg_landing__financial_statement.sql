select
    customer_id,
    period_end,
    report_kind,
    total_assets
from {{ source('accepted', 'financial_statement') }}
