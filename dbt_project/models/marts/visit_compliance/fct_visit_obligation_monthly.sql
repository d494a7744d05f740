with

judgement as (
    select * from {{ ref('int_coverage__judgements') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        run_context.business_date as as_of_date,
        judgement.customer_id,
        judgement.lead_org_id,
        judgement.tier_code,
        judgement.obligation_basis,
        judgement.role_group,
        judgement.required_contacts,
        judgement.counted_contacts,
        judgement.shortfall,
        judgement.status,
        judgement.exclusion_reason,
        judgement.expected_to_date,
        judgement.last_contact_on,
        judgement.clause_ref,
        judgement.period_months,
        judgement.doubtful_contacts
    from judgement
    cross join run_context
)

select * from final
