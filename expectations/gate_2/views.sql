-- What several rules look at, over accepted rows and policy rows alone: a mart is not compared with its own models.

-- What a unit of a currency is worth; the base currency one of itself, whatever a delivered row says.
create or replace view gate_2.cny_rate as
select base_currency as currency, cast(1 as decimal(18, 8)) as cny_per_unit from scratch.run.context
union all
select rate.currency, rate.cny_per_unit
from scratch.accepted.fx_rate as rate
cross join scratch.run.context as run
where rate.currency <> run.base_currency;

-- The accepted customers with their segment; a row with an institution type goes before the row of the kind alone.
create or replace view gate_2.customer as
select
    customer.customer_id, customer.customer_kind, customer.org_id, customer.opened_on,
    coalesce(by_type.segment, by_kind.segment) as segment
from scratch.accepted.customer as customer
left join scratch.accepted.corporate_profile as profile on profile.customer_id = customer.customer_id
left join gate_2.in_force.policy_segment as by_type
    on by_type.customer_kind = customer.customer_kind and by_type.institution_type = profile.institution_type
left join gate_2.in_force.policy_segment as by_kind
    on by_kind.customer_kind = customer.customer_kind and by_kind.institution_type is null;

-- Every organisation with itself and all above it; `union` ends a ring.
create or replace view gate_2.above as
with recursive above as (
    select org_id, org_id as above_id from scratch.accepted.organization
    union
    select above.org_id, parent.org_id
    from above
    inner join scratch.accepted.organization as organization on organization.org_id = above.above_id
    inner join scratch.accepted.organization as parent on parent.org_id = organization.parent_org_id
)
select * from above;

-- Whose people's visits count for an outlet's customers: its own, those above it, and their departments'.
create or replace view gate_2.responsible as
select org_id as lead_org_id, above_id as org_id from gate_2.above
union
select above.org_id, department.org_id
from gate_2.above as above
inner join scratch.accepted.organization as department on department.parent_org_id = above.above_id
inner join gate_2.in_force.policy_department_level as department_level
    on department_level.org_level = department.org_level
where above.above_id <> above.org_id;

-- The period of a duty: the n-month part of the calendar year that the business date lies in.
create or replace macro gate_2.period_start(business_date, months) as
    cast(date_trunc('month', business_date) - to_months(cast((month(business_date) - 1) % months as integer)) as date);

create or replace macro gate_2.next_period(business_date, months) as
    cast(gate_2.period_start(business_date, months) + to_months(cast(months as integer)) as date);

-- Visits up to the date on a channel that counts, with the role group and the organisation of who made them.
create or replace view gate_2.contact as
select visit.visit_id, visit.visited_on, visit.customer_id, visit.employee_id, employee.org_id, role.role_group
from scratch.accepted.visit as visit
cross join scratch.run.context as run
inner join gate_2.in_force.policy_visit_channel as channel on channel.channel = visit.channel
inner join scratch.accepted.employee as employee on employee.employee_id = visit.employee_id
inner join gate_2.in_force.policy_role as role on role.role = employee.role
where visit.visited_on <= run.business_date;

-- From which amount of its scheme's own measure on a tier opens by that alone, and where the next higher such begins.
create or replace view gate_2.tier_entry as
with entry as (
    select rule.scheme, tier.tier_rank, min(rule.lower_bound) as bound
    from gate_2.in_force.policy_tier_rule as rule
    inner join gate_2.in_force.policy_scheme as scheme
        on scheme.scheme = rule.scheme and scheme.own_measure_id = rule.measure_id
    inner join gate_2.in_force.policy_tier as tier on tier.scheme = rule.scheme and tier.tier_code = rule.tier_code
    where rule.lower_bound is not null
    and rule.rule_id in (select rule_id from gate_2.in_force.policy_tier_rule group by rule_id having count(*) = 1)
    group by rule.scheme, tier.tier_rank
)
select
    scheme.segment, tier.tier_code, scheme.own_measure_id as measure_id, own.bound as own_bound,
    (
        select arg_max(higher.bound, higher.tier_rank) from entry as higher
        where higher.scheme = tier.scheme and higher.tier_rank < tier.tier_rank
    ) as next_bound
from gate_2.in_force.policy_tier as tier
inner join gate_2.in_force.policy_scheme as scheme on scheme.scheme = tier.scheme and scheme.purpose = 'tier'
left join entry as own on own.scheme = tier.scheme and own.tier_rank = tier.tier_rank;

-- Keys by which the marts name somebody or something; a bank's keys may have the form of a number of a person.
create or replace view gate_2.known_key as
select customer_id as key from scratch.accepted.customer
union all
select employee_id from scratch.accepted.employee
union all
select org_id from scratch.accepted.organization
union all
select subject_id from gate_2.in_force.policy_exception
union all
select row_key from scratch.gate_1.quarantine;

-- A mobile number, an identity number or a credit code (with the six digits of its place) with its check character,
-- in capitals or not, standing alone in the text. An amount that is compared with something is no number of a person.
-- The first two conditions are the quick ones.
create or replace macro gate_2.has_personal_number(value) as
    strlen(value) >= 11
    and regexp_matches(value, '1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}|[0-9]{6}[0-9A-Za-z]{9}')
    and (
        regexp_matches(
            regexp_replace(value, '[<>=] -?[0-9.]+|-?[0-9.]+ [<>=]', '', 'g'),
            '(^|[^0-9A-Za-z])([+]?86[- ]?)?1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4}($|[^0-9A-Za-z])'
        )
        or scratch.main.is_resident_id(regexp_extract(value, '\b[0-9]{17}[0-9Xx]\b'))
        or scratch.main.is_credit_code(regexp_extract(value, '\b[0-9A-Za-z]{2}[0-9]{6}[0-9A-Za-z]{10}\b'))
    );
