with

customer as (
    select * from {{ ref('int_maintenance__customers') }}
),

taken as (
    select customer_id, employee_id from {{ ref('int_maintenance__kept') }}
    union all
    select customer_id, employee_id from {{ ref('int_maintenance__still_allocated') }}
),

people as (
    select * from {{ ref('int_maintenance__people') }}
),

-- The customers of each pool that still need somebody.
asking as (
    select
        customer.pool_org_id,
        customer.recommended_role,
        count(*) as customers
    from customer
    left join taken on taken.customer_id = customer.customer_id
    where taken.customer_id is null
    group by customer.pool_org_id, customer.recommended_role
),

load_so_far as (
    select
        employee_id,
        count(*) as customers
    from taken
    group by employee_id
),

free as (
    select
        people.employee_id,
        people.role,
        people.base_org_id as pool_org_id,
        coalesce(load_so_far.customers, 0) as first_level,
        least(people.load_cap, coalesce(load_so_far.customers, 0) + asking.customers) - 1 as last_level
    from people
    inner join asking on asking.pool_org_id = people.base_org_id and asking.recommended_role = people.role
    left join load_so_far on load_so_far.employee_id = people.employee_id
    where coalesce(load_so_far.customers, 0) < people.load_cap
),

-- A place for each customer that a person may still take, the smallest load first: the i-th customer takes the i-th.
level as (
    {{ whole_numbers('free', ['employee_id', 'role', 'pool_org_id'], 'first_level', 'last_level') }}
),

final as (
    select
        employee_id,
        role,
        pool_org_id,
        row_number() over (partition by pool_org_id, role order by whole_number, employee_id) as place
    from level
)

select * from final
