with

customer as (
    select * from {{ ref('int_maintenance__customers') }}
),

assigned as (
    select * from {{ ref('int_maintenance__assigned') }}
),

people as (
    select * from {{ ref('int_maintenance__people') }}
),

credit as (
    select * from {{ ref('int_maintenance__credits') }}
),

specialist as (
    select * from {{ ref('int_maintenance__relations') }}
    where relation = 'specialist'
),

beside as (
    select * from {{ ref('int_maintenance__beside') }}
),

previous as (
    select * from {{ ref('stg_published__previous_assignment') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

joined as (
    select
        customer.*,
        run_context.policy_month,
        assigned.employee_id,
        assigned.assignment_basis,
        coalesce(people.role <> customer.recommended_role, false) as is_role_mismatch,
        coalesce(credit.employee_id, assigned.employee_id) as credit_employee_id,
        beside.employee_id as beside_employee_id,
        specialist.employee_id as specialist_employee_id,
        previous.choice_pending_since as pending_before
    from customer
    cross join run_context
    inner join assigned on assigned.customer_id = customer.customer_id
    left join people on people.employee_id = assigned.employee_id
    left join credit on credit.customer_id = customer.customer_id
    left join specialist on specialist.customer_id = customer.customer_id
    left join beside on beside.org_id = customer.lead_org_id and beside.tier_code = customer.tier_code
    left join previous on previous.customer_id = customer.customer_id
),

-- A customer that rose chooses who maintains it (R39); until it has, the choice is pending. A choice ends it.
final as (
    select
        customer_id,
        tier_code,
        lead_org_id,
        recommended_role,
        employee_id,
        assignment_basis,
        is_role_mismatch,
        credit_employee_id,
        pool_org_id,
        beside_employee_id,
        specialist_employee_id,
        case
            when not is_role_mismatch or assignment_basis = 'customer_choice' then null
            when tier_movement = 'up' then policy_month
            else pending_before
        end as choice_pending_since
    from joined
)

select * from final
