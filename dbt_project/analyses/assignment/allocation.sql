-- One row per customer that steps 3b to 5 decided: to whom it goes and why, with the load of that person before and
-- after. Who was allocated to the same person in the month before was kept by step 3b: where 3b fails, the person is
-- gone, elsewhere or at the cap, and step 4 can't choose them either.
with

customer as (
    select * from proposal.customer
),

previous as (
    select * from published.previous_assignment
    where assignment_basis = 'allocated'
),

load_of_person as (
    select * from published.fct_manager_load_monthly
),

decided as (
    select
        customer.*,
        case when previous.customer_id is not null then 0 else 1 end as step_rank,
        case
            when customer.employee_id is not null and previous.customer_id is not null then 'kept'
            when customer.employee_id is not null then 'fewest_customers'
            when customer.pool_org_id is null then 'no_people'
            else 'pool_full'
        end as reason
    from customer
    left join previous
        on previous.customer_id = customer.customer_id and previous.employee_id = customer.employee_id
    where customer.assignment_basis in ('allocated', 'unassigned')
),

-- Step 3b takes its customers before step 4, each in the order of tier, assets and customer.
placed as (
    select
        decided.*,
        row_number() over (
            partition by decided.employee_id
            order by
                decided.step_rank asc nulls last,
                decided.tier_rank asc,
                decided.financial_assets desc,
                decided.customer_id asc
        ) as place
    from decided
),

final as (
    select
        placed.customer_id,
        placed.tier_code,
        placed.published_assets as financial_assets,
        placed.lead_org_id,
        placed.recommended_role,
        placed.pool_org_id,
        placed.assignment_basis,
        placed.reason,
        placed.employee_id,
        load_of_person.role as employee_role,
        case when placed.employee_id is not null then placed.settled_customers + placed.place - 1 end as load_before,
        case when placed.employee_id is not null then placed.settled_customers + placed.place end as load_after,
        load_of_person.load_cap
    from placed
    left join load_of_person on load_of_person.employee_id = placed.employee_id
    where placed.is_asked_for
)

select * from final
order by
    pool_org_id asc nulls last, recommended_role asc, employee_id asc nulls last, load_before asc, tier_code asc,
    financial_assets desc, customer_id asc
