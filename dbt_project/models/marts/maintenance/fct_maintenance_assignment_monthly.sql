with

assignment as (
    select * from {{ ref('int_maintenance__assignments') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        assignment.customer_id,
        assignment.tier_code,
        assignment.lead_org_id,
        assignment.recommended_role,
        assignment.employee_id,
        assignment.assignment_basis,
        assignment.is_role_mismatch,
        assignment.credit_employee_id,
        assignment.pool_org_id,
        assignment.beside_employee_id,
        assignment.specialist_employee_id,
        assignment.choice_pending_since
    from assignment
    cross join run_context
)

select * from final
