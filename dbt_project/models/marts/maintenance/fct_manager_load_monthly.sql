with

assignment as (
    select * from {{ ref('fct_maintenance_assignment_monthly') }}
),

customer_tier as (
    select * from {{ ref('fct_customer_tier_monthly') }}
),

people as (
    select * from {{ ref('int_maintenance__people') }}
),

maintainer as (
    {{ rows_in_force('policy_maintainer') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

maintainer_role as (
    select distinct maintainer.tier_code as role
    from maintainer
    inner join scheme
        on scheme.scheme = maintainer.scheme and scheme.segment = 'retail' and scheme.purpose = 'maintainer'
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

load_of_person as (
    select
        assignment.employee_id,
        count(*) as assigned_customers,
        sum(case when assignment.is_role_mismatch then 1 else 0 end) as mismatched_customers,
        sum(customer_tier.financial_assets) as assigned_financial_assets
    from assignment
    inner join customer_tier on customer_tier.customer_id = assignment.customer_id
    where assignment.employee_id is not null
    group by assignment.employee_id
),

-- Whoever has customers, and whoever could have some.
final as (
    select
        run_context.policy_month,
        people.employee_id,
        people.role,
        people.org_id,
        coalesce(load_of_person.assigned_customers, 0) as assigned_customers,
        people.load_floor,
        people.load_cap,
        case
            when coalesce(load_of_person.assigned_customers, 0) < people.load_floor then 'under'
            when load_of_person.assigned_customers > people.load_cap then 'over'
            else 'within'
        end as load_status,
        cast(coalesce(load_of_person.mismatched_customers, 0) as bigint) as mismatched_customers,
        cast(coalesce(load_of_person.assigned_financial_assets, 0) as decimal(38, 2)) as assigned_financial_assets
    from people
    cross join run_context
    left join load_of_person on load_of_person.employee_id = people.employee_id
    left join maintainer_role on maintainer_role.role = people.role
    where load_of_person.employee_id is not null or maintainer_role.role is not null
)

select * from final
