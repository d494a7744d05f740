with

customer as (
    select * from {{ ref('int_maintenance__customers') }}
),

kept as (
    select * from {{ ref('int_maintenance__kept') }}
),

previous as (
    select * from {{ ref('stg_published__previous_assignment') }}
    where assignment_basis = 'allocated'
),

people as (
    select * from {{ ref('int_maintenance__people') }}
),

base as (
    select * from {{ ref('int_organization__bases') }}
),

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

kept_load as (
    select
        employee_id,
        count(*) as customers
    from kept
    group by employee_id
),

-- An allocation stays while its person is employed on the customer's way up, whatever the role and the tier (R39, R58).
asking as (
    select
        customer.customer_id,
        people.employee_id,
        people.load_cap,
        row_number() over (
            partition by people.employee_id
            order by customer.tier_rank asc, customer.financial_assets desc, customer.customer_id asc
        ) as place
    from customer
    inner join previous on previous.customer_id = customer.customer_id
    inner join people on people.employee_id = previous.employee_id
    inner join base on base.org_id = customer.lead_org_id
    inner join ancestors on ancestors.org_id = base.base_org_id and ancestors.ancestor_org_id = people.base_org_id
    left join kept on kept.customer_id = customer.customer_id
    where kept.customer_id is null
),

final as (
    select
        asking.customer_id,
        asking.employee_id,
        'allocated' as assignment_basis
    from asking
    left join kept_load on kept_load.employee_id = asking.employee_id
    where coalesce(kept_load.customers, 0) + asking.place <= asking.load_cap
)

select * from final
