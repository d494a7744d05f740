-- One row per customer above the cap of its person, with the place that step 4 would give it: the i-th customer of a
-- pool takes the i-th of the places that are free after all assignments. No other place is left, no new employee.
with

moving as (
    select * from proposal.moving
),

load_of_person as (
    select * from published.fct_manager_load_monthly
),

base as (
    select * from published.base
),

-- As many places of each person as the pool has customers to move, up to the cap.
offered as (
    select
        moving.pool_org_id,
        moving.recommended_role,
        load_of_person.employee_id,
        load_of_person.load_cap,
        load_of_person.assigned_customers + moving.place - 1 as load_before
    from moving
    inner join base on base.base_org_id = moving.pool_org_id
    inner join load_of_person
        on load_of_person.org_id = base.org_id and load_of_person.role = moving.recommended_role
    where load_of_person.assigned_customers + moving.place - 1 < load_of_person.load_cap
),

free as (
    select
        *,
        row_number() over (
            partition by pool_org_id, recommended_role order by load_before asc nulls last, employee_id asc
        ) as place
    from offered
),

final as (
    select
        moving.employee_id as from_employee_id,
        moving.surplus_place,
        moving.assigned_customers as from_load,
        moving.load_cap as from_load_cap,
        moving.customer_id,
        moving.tier_code,
        moving.published_assets as financial_assets,
        moving.lead_org_id,
        moving.recommended_role,
        moving.pool_org_id,
        case
            when free.employee_id is not null then 'fewest_customers'
            when moving.pool_org_id is null then 'no_people'
            else 'pool_full'
        end as reason,
        free.employee_id as to_employee_id,
        free.load_before as to_load_before,
        free.load_before + 1 as to_load_after,
        free.load_cap as to_load_cap
    from moving
    left join free
        on
            free.pool_org_id = moving.pool_org_id
            and free.recommended_role = moving.recommended_role
            and free.place = moving.place
    where moving.is_asked_for
)

select * from final
order by from_employee_id, surplus_place
