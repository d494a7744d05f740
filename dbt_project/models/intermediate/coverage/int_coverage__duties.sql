with

customer as (
    select * from {{ ref('int_customer__measures') }}
),

tier as (
    select * from {{ ref('int_decision__held_tiers') }}
),

frequency as (
    {{ rows_in_force('policy_visit_frequency') }}
),

period as (
    select * from {{ ref('int_coverage__periods') }}
),

exemption as (
    select distinct customer_id, rule_id from {{ ref('int_policy__exemptions') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- A duty is based on the class at the beginning of the month, that is, the one published for the month before (R15). A
-- what-if shows what a policy would require once its classes apply, and uses the current ones.
classed as (
    select
        customer.customer_id,
        customer.lead_org_id,
        customer.opened_on,
        customer.is_co_managed,
        run_context.policy_month,
        case
            when tier.previous_tier_code is null or run_context.duties_rest_on = 'current' then 'current'
            else 'previous_month'
        end as obligation_basis,
        case
            when run_context.duties_rest_on = 'current' then tier.tier_code
            else coalesce(tier.previous_tier_code, tier.tier_code)
        end as tier_code
    from customer
    cross join run_context
    inner join tier on tier.customer_id = customer.customer_id
),

final as (
    select
        classed.policy_month,
        classed.customer_id,
        classed.lead_org_id,
        classed.tier_code,
        classed.obligation_basis,
        frequency.rule_id,
        frequency.role_group,
        frequency.period_months,
        frequency.contacts_per_period as required_contacts,
        case
            when exemption.rule_id is not null then 'exception'
            when classed.opened_on >= {{ add_days(
                'period.period_start', parameter('first_full_day_of_month')
            ) }} then 'first_partial_month'
        end as exclusion_reason,
        frequency.clause_ref
    from classed
    inner join frequency
        on
            frequency.tier_code = classed.tier_code
            and (
                not frequency.requires_co_managed
                or coalesce(classed.is_co_managed, frequency.co_managed_when_unknown)
            )
    inner join period on period.period_months = frequency.period_months
    left join exemption on exemption.customer_id = classed.customer_id and exemption.rule_id = frequency.rule_id
)

select * from final
