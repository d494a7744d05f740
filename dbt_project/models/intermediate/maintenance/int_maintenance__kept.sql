with

customer as (
    select * from {{ ref('int_maintenance__customers') }}
),

relation as (
    select * from {{ ref('int_maintenance__relations') }}
),

people as (
    select * from {{ ref('int_maintenance__people') }}
),

-- The customer's own choice goes before the present manager (R39, R58); nobody is moved, whatever the load.
settled as (
    select
        customer.customer_id,
        coalesce(choice.employee_id, manager.employee_id) as employee_id,
        case when choice.employee_id is not null then 'customer_choice' else 'existing' end as assignment_basis
    from customer
    left join relation as choice
        on choice.customer_id = customer.customer_id and choice.relation = 'customer_choice'
    left join relation as manager on manager.customer_id = customer.customer_id and manager.relation = 'manager'
    where choice.employee_id is not null or manager.employee_id is not null
),

settled_load as (
    select
        employee_id,
        count(*) as customers
    from settled
    group by employee_id
),

-- Only the earliest claim of a customer is tried; it fails where its person has reached the cap (R59).
claimed as (
    select
        customer.customer_id,
        claim.employee_id,
        row_number() over (partition by claim.employee_id order by claim.since, claim.customer_id) as place
    from customer
    inner join relation as claim on claim.customer_id = customer.customer_id and claim.relation = 'claim'
    left join settled on settled.customer_id = customer.customer_id
    where settled.customer_id is null
),

final as (
    select
        customer_id,
        employee_id,
        assignment_basis
    from settled
    union all
    select
        claimed.customer_id,
        claimed.employee_id,
        'claim' as assignment_basis
    from claimed
    inner join people on people.employee_id = claimed.employee_id
    left join settled_load on settled_load.employee_id = claimed.employee_id
    where coalesce(settled_load.customers, 0) + claimed.place <= people.load_cap
)

select * from final
