with

found as (
    select * from {{ ref('int_action__found') }}
),

customer as (
    select * from {{ ref('stg_landing__customer') }}
),

phone_reason as (
    select * from {{ ref('int_customer__phone_reasons') }}
),

action as (
    {{ rows_in_force('policy_action') }}
),

run_context as (
    select {{ parameter('outreach_minimum_age') }} as minimum_age
    from {{ ref('stg_run__context') }}
),

-- The first reason not to approach the customer: too young, no consent, no number to call.
final as (
    select
        found.*,
        case
            when action.needs_consent and found.segment = 'retail' and customer.age < run_context.minimum_age
                then 'under_age'
            when action.needs_consent and found.segment = 'retail' and not customer.has_marketing_consent
                then 'no_consent'
            when action.needs_phone and phone_reason.reason is not null then 'unreachable'
            else 'listed'
        end as outcome
    from found
    cross join run_context
    inner join action on action.rule_id = found.rule_id
    inner join customer on customer.customer_id = found.customer_id
    left join phone_reason on phone_reason.customer_id = found.customer_id
)

select * from final
