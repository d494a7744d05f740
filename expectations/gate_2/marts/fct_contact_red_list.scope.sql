-- Nobody out of scope is on the list, and everybody in scope without a number is.
select tier.customer_id
from month_in_hand.fct_customer_tier_monthly as tier
inner join scratch.accepted.customer as customer on customer.customer_id = tier.customer_id
left join {{ batch }} as listed on listed.customer_id = tier.customer_id
where
    (not tier.is_in_scope and listed.customer_id is not null)
    or (tier.is_in_scope and customer.mobile_phone is null and listed.customer_id is null)
