with

target_day as (
    select * from {{ ref('int_result__target_days') }}
),

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

target_role as (
    {{ rows_in_force('policy_target_role') }}
),

outlet_day as (
    select target_day.*
    from target_day
    inner join organization on organization.org_id = target_day.org_id
    where organization.org_level in {{ listed('shared_target_org_level') }}
),

-- A metric with rows of its own leaves the ones of every metric aside.
sharing as (
    select
        metric.metric,
        target_role.role
    from (select distinct metric from outlet_day) as metric
    inner join target_role
        on
            target_role.metric = metric.metric
            or (target_role.metric = '*' and metric.metric not in (select own.metric from target_role as own))
),

person as (
    select distinct
        sharing.metric,
        employee.org_id,
        employee.employee_id,
        employee.hired_on,
        employee.left_on
    from employee
    inner join sharing on sharing.role = employee.role
),

-- Whoever works there on the day; a day without anybody is nobody's.
person_of_day as (
    select
        outlet_day.org_id,
        outlet_day.metric,
        outlet_day.calendar_date,
        outlet_day.target as amount,
        coalesce(person.employee_id, 'unassigned') as employee_id
    from outlet_day
    left join person
        on
            person.org_id = outlet_day.org_id
            and person.metric = outlet_day.metric
            and person.hired_on <= outlet_day.calendar_date
            and (person.left_on is null or person.left_on > outlet_day.calendar_date)
),

final as (
    {{ largest_remainder(
        'person_of_day', ['org_id', 'metric', 'calendar_date', 'employee_id'], ['org_id', 'metric', 'calendar_date'],
        'amount', '1', 'employee_id'
    ) | indent(4) }}
)

select * from final
