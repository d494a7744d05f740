-- Each step of the split, its whole and its parts: what is delivered and the year, the year and its quarters, a quarter
-- and its months, the month in hand and its days, the month and its weeks, a day and its people, a person and the days.
with target as (
    select * from {{ batch }}
),

of_org as (
    select * from target
    where employee_id = 'all'
),

of_person as (
    select * from target
    where employee_id <> 'all'
),

both_sides as (
    select
        accepted.org_id,
        accepted.metric,
        'delivered' as step,
        'all' as part,
        accepted.amount as whole
    from scratch.accepted.target as accepted
    cross join scratch.run.context as run
    where accepted.year = {{ first_of_period('run.business_date', 'year') }}
    {% for step, part, sign, kind in [
        ('delivered', "'all'", '-', 'year'), ('year', "'all'", '', 'year'), ('year', "'all'", '-', 'quarter'),
        ('quarter', 'cast(period_start as varchar)', '', 'quarter'),
        ('quarter', 'cast(' ~ first_of_period('period_start', 'quarter') ~ ' as varchar)', '-', 'month'),
        ('days', "'all'", '-', 'day'), ('weeks', "'all'", '-', 'week'),
    ] -%}
    union all
    select
        org_id,
        metric,
        '{{ step }}' as step,
        {{ part }} as part,
        {{ sign }}target as whole
    from of_org
    where period_kind = '{{ kind }}'
    {% endfor -%}
    {% for step in ['days', 'weeks'] -%}
    union all
    select
        org_id,
        metric,
        '{{ step }}' as step,
        'all' as part,
        target as whole
    from of_org
    where period_kind = 'month' and period_start = policy_month
    {% endfor -%}
    union all
    select
        of_org.org_id,
        of_org.metric,
        'people' as step,
        cast(of_org.period_start as varchar) as part,
        of_org.target as whole
    from of_org
    inner join marts.dim_organization as organization on organization.org_id = of_org.org_id
    inner join gate_2.in_force.policy_value_list as listed
        on listed.value = organization.org_level and listed.value_list = 'shared_target_org_level'
    where of_org.period_kind = 'day'
    union all
    select
        org_id,
        metric,
        'people' as step,
        cast(period_start as varchar) as part,
        -target as whole
    from of_person
    where period_kind = 'day'
    union all
    select
        org_id,
        metric,
        'person' as step,
        employee_id as part,
        case period_kind when 'month' then target else -target end as whole
    from of_person
)

select
    org_id,
    metric
from both_sides
group by org_id, metric, step, part
having sum(whole) <> 0
