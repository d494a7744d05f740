-- No retail customer is listed for what needs its consent without having given it.
select batch.customer_id
from {{ batch }} as batch
inner join gate_2.in_force.policy_action as action on action.rule_id = batch.rule_id and action.needs_consent
inner join scratch.accepted.customer as customer on customer.customer_id = batch.customer_id
where batch.segment = 'retail' and not coalesce(customer.marketing_consent, false)
