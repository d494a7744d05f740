with named as (
    select distinct
        employee.employee_id,
        access.rule_id,
        access.scope
    from scratch.accepted.employee as employee
    cross join scratch.run.context as run
    inner join marts.dim_organization as organization on organization.org_id = employee.org_id
    inner join gate_2.in_force.policy_access as access
        on
            access.role in (employee.role, '*')
            and access.org_level in (organization.org_level, '*')
    where
        employee.hired_on <= run.business_date
        and (employee.left_on is null or employee.left_on > run.business_date)
)

select access_right.employee_id
from {{ batch }} as access_right
left join named
    on
        named.employee_id = access_right.employee_id
        and named.rule_id = access_right.rule_id
        and named.scope = access_right.scope
where named.employee_id is null
union all
select named.employee_id
from named
left join {{ batch }} as access_right on access_right.employee_id = named.employee_id
where access_right.employee_id is null
