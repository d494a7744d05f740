with

duty as (
    select * from {{ ref('int_coverage__duties') }}
),

visit as (
    select * from {{ ref('stg_landing__visit') }}
),

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

role_group as (
    {{ rows_in_force('policy_role') }}
),

counted_channel as (
    {{ rows_in_force('policy_visit_channel') }}
),

responsible_org as (
    select * from {{ ref('int_organization__responsible_orgs') }}
),

period as (
    select * from {{ ref('int_coverage__periods') }}
),

doubtful as (
    select distinct
        visit_id,
        employee_id
    from {{ ref('int_visit__signals') }}
    where is_doubtful
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- In any month up to the business date: the last contact may be before the policy month.
final as (
    select
        duty.customer_id,
        duty.role_group,
        visit.visit_id,
        visit.employee_id,
        visit.visited_on,
        visit.visited_on >= run_context.policy_month as is_in_month,
        visit.visited_on >= period.period_start as is_in_period,
        doubtful.visit_id is not null as is_doubtful
    from visit
    cross join run_context
    inner join counted_channel on counted_channel.channel = visit.channel
    inner join employee on employee.employee_id = visit.employee_id
    inner join role_group on role_group.role = employee.role
    inner join duty on duty.customer_id = visit.customer_id and duty.role_group = role_group.role_group
    inner join period on period.period_months = duty.period_months
    inner join responsible_org
        on responsible_org.lead_org_id = duty.lead_org_id and responsible_org.responsible_org_id = employee.org_id
    left join doubtful on doubtful.visit_id = visit.visit_id and doubtful.employee_id = visit.employee_id
    where visit.visited_on <= run_context.business_date
)

select * from final
