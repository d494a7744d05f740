-- One row per customer above the cap of its person: of the existing relations the worst tiers, then the smaller assets,
-- then the later customer_id, as many as the person has too many.
with

customer as (
    select * from proposal.customer
    where assignment_basis = 'existing'
),

overloaded as (
    select * from published.fct_manager_load_monthly
    where load_status = 'over'
),

ordered as (
    select
        customer.*,
        overloaded.assigned_customers,
        overloaded.load_cap,
        row_number() over (
            partition by customer.employee_id
            order by customer.tier_rank desc, customer.financial_assets asc, customer.customer_id desc
        ) as surplus_place
    from customer
    inner join overloaded on overloaded.employee_id = customer.employee_id
),

final as (
    select
        *,
        row_number() over (
            partition by pool_org_id, recommended_role
            order by tier_rank asc, financial_assets desc, customer_id asc
        ) as place
    from ordered
    where surplus_place <= assigned_customers - load_cap
)

select * from final
