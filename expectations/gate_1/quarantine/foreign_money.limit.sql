-- The base currency's rate is 1, whatever a delivered row says.
select amount._row
from {{ batch }} as amount
left join accepted.fx_rate as rate on rate.currency = amount.currency and rate.currency <> '{{ base_currency }}'
where
    amount.{{ column }} >= {{ amount_limit }}
    or cast(amount.{{ column }} as decimal(20, 2)) * rate.cny_per_unit >= {{ amount_limit }}
