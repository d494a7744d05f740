with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

contact as (
    select * from {{ ref('int_customer__contacts') }}
),

frequency as (
    {{ rows_in_force('policy_contact_frequency') }}
),

judgement as (
    select * from {{ ref('int_coverage__judgements') }}
),

action as (
    {{ rows_in_force('policy_action') }}
),

run_context as (
    select
        business_date,
        {{ parameter('visit_behind_contacts') }} as contacts_behind
    from {{ ref('stg_run__context') }}
),

-- So many months after the last contact; after the opening, if there was none.
next_contact as (
    select
        customer.customer_id,
        customer.segment,
        {{ add_months('coalesce(contact.last_contact_on, customer.opened_on)', 'frequency.period_months') }} as due_on
    from customer
    inner join held on held.customer_id = customer.customer_id
    inner join frequency on frequency.tier_code = held.tier_code
    left join contact on contact.customer_id = customer.customer_id
),

-- Behind the even pace of the period: in whole numbers, so that no double decides.
final as (
    select
        'contact_due' as action_kind,
        next_contact.customer_id,
        next_contact.due_on,
        1 as items,
        cast(null as decimal(38, 10)) as amount
    from next_contact
    cross join run_context
    inner join action on action.segment = next_contact.segment and action.action_kind = 'contact_due'
    where next_contact.due_on <= {{ add_days('run_context.business_date', 'action.days_ahead') }}
    union all
    select
        'visit_behind' as action_kind,
        judgement.customer_id,
        judgement.period_end as due_on,
        judgement.shortfall as items,
        cast(null as decimal(38, 10)) as amount
    from judgement
    cross join run_context
    where
        judgement.status = 'missed'
        or (
            judgement.status = 'open'
            and judgement.required_contacts * judgement.elapsed_working_days
            - judgement.counted_contacts * judgement.working_days
            >= run_context.contacts_behind * judgement.working_days
        )
)

select * from final
