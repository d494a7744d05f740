with

visit as (
    select * from {{ ref('stg_landing__visit') }}
),

counted_channel as (
    {{ rows_in_force('policy_visit_channel') }}
),

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

role_group as (
    {{ rows_in_force('policy_role') }}
),

base as (
    select * from {{ ref('int_organization__bases') }}
),

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

-- Leaders of a branch, and whoever works at the province or the head office, themselves or in one of its departments.
high_level as (
    select employee.employee_id
    from employee
    left join role_group on role_group.role = employee.role
    inner join base on base.org_id = employee.org_id
    inner join organization on organization.org_id = base.base_org_id
    where
        role_group.role_group in {{ listed('high_level_role_group') }}
        or organization.org_level in {{ listed('high_level_org_level') }}
),

run_context as (
    select
        business_date,
        {{ add_months(
            'policy_month',
            '-((extract(month from policy_month) - 1) % ' ~ parameter('high_level_visit_months') ~ ')'
        ) }} as period_opens_on
    from {{ ref('stg_run__context') }}
),

-- Anybody's contact counts as the last one.
final as (
    select
        visit.customer_id,
        max(visit.visited_on) as last_contact_on,
        count(
            distinct case
                when high_level.employee_id is not null and visit.visited_on >= run_context.period_opens_on
                    then visit.visit_id
            end
        ) as high_level_visits
    from visit
    cross join run_context
    inner join counted_channel on counted_channel.channel = visit.channel
    left join high_level on high_level.employee_id = visit.employee_id
    where visit.visited_on <= run_context.business_date
    group by visit.customer_id
)

select * from final
