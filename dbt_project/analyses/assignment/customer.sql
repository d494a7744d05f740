-- One row per customer of the assignment, with what the steps order customers by. settled_customers: of its person, by
-- steps 1 to 3. is_asked_for: the proposal lists it.
with

assignment as (
    select * from published.fct_maintenance_assignment_monthly
),

customer_tier as (
    select * from published.fct_customer_tier_monthly
),

measure as (
    select * from published.fct_customer_measure_monthly
),

member as (
    select * from published.member
),

final as (
    select
        assignment.customer_id,
        assignment.tier_code,
        customer_tier.tier_rank,
        customer_tier.financial_assets as published_assets,
        measure.financial_assets,
        assignment.lead_org_id,
        assignment.recommended_role,
        assignment.pool_org_id,
        assignment.employee_id,
        assignment.assignment_basis,
        count(case when assignment.assignment_basis not in ('allocated', 'unassigned') then 1 end)
            over (partition by assignment.employee_id) as settled_customers,
        member.org_id is not null as is_asked_for
    from assignment
    inner join customer_tier on customer_tier.customer_id = assignment.customer_id
    inner join measure on measure.customer_id = assignment.customer_id
    left join member on member.org_id = assignment.lead_org_id
)

select * from final
