-- Shared by several rules: accepted rows, policy rows in force, and the organisations of the release.

-- The value of a currency unit; the base currency's rate is 1, whatever a delivered row says.
create or replace view gate_2.cny_rate as
select
    base_currency as currency,
    cast(1 as decimal(18, 8)) as cny_per_unit
from scratch.run.context
union all
select
    rate.currency,
    rate.cny_per_unit
from scratch.accepted.fx_rate as rate
cross join scratch.run.context as run
where rate.currency <> run.base_currency;

-- Every organisation paired with itself and all above it.
create or replace view gate_2.above as
with climbed as (
    {{ all_above(release ~ '.marts.dim_organization', 'org_id', 'parent_org_id') | indent }}
)

select
    node as org_id,
    above as above_id
from climbed;

-- Every organisation paired with those whose people serve its customers: itself, all above it, and the departments of
-- those above it.
create or replace view gate_2.responsible_org as
select
    org_id as lead_org_id,
    above_id as org_id
from gate_2.above
union
select
    above.org_id as lead_org_id,
    department.org_id
from gate_2.above
inner join {{ release }}.marts.dim_organization as department on department.parent_org_id = above.above_id
inner join gate_2.in_force.policy_department_level as level on level.org_level = department.org_level
where above.above_id <> above.org_id;

-- The accepted visits of the month before, and whether they arrived after it was closed; none if it is not published.
create or replace view gate_2.visit_of_month_before as
with published as (
    select
        {{ month_start('earlier.business_date') }} as policy_month,
        earlier.known_on,
        row_number() over (order by earlier.published_at desc nulls last, earlier.run_id desc nulls last) as age
    from scratch.published.refresh_run as earlier
    cross join scratch.run.context as run
    where
        {{ month_start('earlier.business_date') }}
        = {{ add_months(month_start('run.business_date'), -1) }}
)

select
    visit.visit_id,
    visit.employee_id,
    visit.customer_id,
    visit.channel,
    visit._biz_date > published.known_on as is_late
from scratch.accepted.visit as visit
inner join published on published.policy_month = {{ month_start('visit.visited_on') }} and published.age = 1;

-- The amount of its scheme's own measure that alone opens a tier, and where the next higher such tier begins.
create or replace view gate_2.tier_entry as
with single as (
    select rule_id
    from gate_2.in_force.policy_tier_rule
    group by rule_id
    having count(*) = 1
),

entry as (
    select
        rule.scheme,
        tier.tier_rank,
        min(rule.lower_bound) as bound
    from gate_2.in_force.policy_tier_rule as rule
    inner join single on single.rule_id = rule.rule_id
    inner join gate_2.in_force.policy_scheme as scheme
        on scheme.scheme = rule.scheme and scheme.own_measure_id = rule.measure_id
    inner join gate_2.in_force.policy_tier as tier on tier.scheme = rule.scheme and tier.tier_code = rule.tier_code
    where rule.lower_bound is not null
    group by rule.scheme, tier.tier_rank
),

next_entry as (
    select
        tier.scheme,
        tier.tier_rank,
        max(higher.tier_rank) as next_rank
    from gate_2.in_force.policy_tier as tier
    inner join gate_2.in_force.policy_scheme as scheme on scheme.scheme = tier.scheme
    inner join entry as higher on higher.scheme = tier.scheme and higher.tier_rank < tier.tier_rank
    where tier.tier_code is distinct from scheme.default_tier_code or scheme.default_lifted_by_own_measure
    group by tier.scheme, tier.tier_rank
)

select
    scheme.segment,
    tier.tier_code,
    scheme.own_measure_id as measure_id,
    own.bound as own_bound,
    higher.bound as next_bound
from gate_2.in_force.policy_tier as tier
inner join gate_2.in_force.policy_scheme as scheme on scheme.scheme = tier.scheme and scheme.purpose = 'tier'
left join entry as own on own.scheme = tier.scheme and own.tier_rank = tier.tier_rank
left join next_entry on next_entry.scheme = tier.scheme and next_entry.tier_rank = tier.tier_rank
left join entry as higher on higher.scheme = next_entry.scheme and higher.tier_rank = next_entry.next_rank;

-- Keys that identify somebody or something in the marts; a bank's keys may look like a personal number.
create or replace view gate_2.known_key as
select customer_id as key
from scratch.accepted.customer
union all
select employee_id
from scratch.accepted.employee
union all
select org_id
from scratch.accepted.organization
union all
select subject_id
from gate_2.in_force.policy_exception
union all
select row_key
from scratch.gate_1.quarantine;
