select rate._row
from {{ batch }} as rate
inner join delivery.earlier_rate as earlier on earlier.currency = rate.currency
where
    earlier.cny_per_unit > 0
    and abs(rate.cny_per_unit - earlier.cny_per_unit)
    > {{ policy.rate_change_limit }} * cast(earlier.cny_per_unit as decimal(30, 8))
