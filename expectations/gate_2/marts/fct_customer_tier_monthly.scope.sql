-- A customer is in scope if it meets a route or, in a segment without a scope scheme, if it has more than the default
-- tier.
with evidence as (
    select distinct met.customer_id
    from month_in_hand.fct_tier_evidence as met
    inner join gate_2.in_force.policy_scheme as scheme on scheme.scheme = met.scheme and scheme.purpose = 'scope'
)

select tiered.customer_id
from {{ batch }} as tiered
inner join gate_2.in_force.policy_scheme as own on own.segment = tiered.segment and own.purpose = 'tier'
left join gate_2.in_force.policy_scheme as scope on scope.segment = tiered.segment and scope.purpose = 'scope'
left join evidence on evidence.customer_id = tiered.customer_id
where
    tiered.is_in_scope is distinct from case
        when scope.scheme is not null then evidence.customer_id is not null
        else tiered.is_held or tiered.tier_code is distinct from own.default_tier_code
    end
