select amount._row
from {{ batch }} as amount
where
    amount.currency <> '{{ base_currency }}'
    and not exists (
        select 1
        from accepted.fx_rate as rate
        where rate.currency = amount.currency
    )
