with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

tier as (
    select * from {{ ref('int_customer__tier_movements') }}
),

frequency as (
    {{ rows_in_force('policy_visit_frequency') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- The duty rests on the class at the month's begin, that is on the published month before (R15).
classed as (
    select
        customer.customer_id,
        customer.lead_org_id,
        customer.opened_on,
        customer.is_co_managed,
        coalesce(tier.previous_tier_code, tier.tier_code) as tier_code,
        case when tier.previous_tier_code is null then 'current' else 'previous_month' end as obligation_basis
    from customer
    inner join tier on tier.customer_id = customer.customer_id
),

final as (
    select
        run_context.policy_month,
        classed.customer_id,
        classed.lead_org_id,
        classed.tier_code,
        classed.obligation_basis,
        frequency.role_group,
        frequency.contacts_per_month as required_contacts,
        case
            when classed.opened_on >= {{ add_days(
                'run_context.policy_month', parameter('first_full_day_of_month')
            ) }} then 'first_partial_month'
        end as exclusion_reason,
        frequency.clause_ref
    from classed
    cross join run_context
    inner join frequency
        on
            frequency.tier_code = classed.tier_code
            and (
                not frequency.requires_co_managed
                or coalesce(classed.is_co_managed, frequency.co_managed_when_unknown)
            )
)

select * from final
