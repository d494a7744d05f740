-- One row per person above the cap who maintains a customer asked for: the surplus, and what becomes of it.
with

customer as (
    select distinct employee_id from proposal.customer
    where is_asked_for
),

load_of_person as (
    select * from published.fct_manager_load_monthly
    where load_status = 'over'
),

surplus as (
    select
        from_employee_id,
        count(*) as customers,
        count(to_employee_id) as placed
    from proposal.surplus
    group by from_employee_id
),

final as (
    select
        load_of_person.employee_id,
        load_of_person.role,
        load_of_person.org_id,
        load_of_person.assigned_customers,
        load_of_person.load_cap,
        load_of_person.assigned_customers - load_of_person.load_cap as over_cap,
        coalesce(surplus.customers, 0) as moving,
        coalesce(surplus.placed, 0) as placed
    from load_of_person
    inner join customer on customer.employee_id = load_of_person.employee_id
    left join surplus on surplus.from_employee_id = load_of_person.employee_id
)

select * from final
order by over_cap desc, employee_id asc
