with

duty as (
    select * from {{ ref('int_coverage__duties') }}
),

contact as (
    select * from {{ ref('int_coverage__counted_contacts') }}
),

period as (
    select * from {{ ref('int_coverage__periods') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- A visit is doubtful if every row by which it counts for the duty is.
counted as (
    select
        customer_id,
        role_group,
        count(distinct case when is_in_period then visit_id end) as counted_contacts,
        count(distinct case when is_in_period and not is_doubtful then visit_id end) as certain_contacts,
        max(visited_on) as last_contact_on
    from contact
    group by customer_id, role_group
),

judged as (
    select
        duty.customer_id,
        duty.lead_org_id,
        duty.tier_code,
        duty.obligation_basis,
        duty.role_group,
        cast(duty.required_contacts as integer) as required_contacts,
        cast(coalesce(counted.counted_contacts, 0) as integer) as counted_contacts,
        case
            when duty.exclusion_reason is not null then 'excluded'
            when coalesce(counted.counted_contacts, 0) >= duty.required_contacts then 'met'
            when run_context.business_date < period.period_end then 'open'
            else 'missed'
        end as status,
        duty.exclusion_reason,
        {{ ratio('duty.required_contacts * period.elapsed_working_days', 'period.working_days') }}
            as expected_to_date,
        counted.last_contact_on,
        duty.clause_ref,
        cast(duty.period_months as integer) as period_months,
        period.period_end,
        period.working_days,
        period.elapsed_working_days,
        cast(coalesce(counted.counted_contacts - counted.certain_contacts, 0) as integer) as doubtful_contacts
    from duty
    cross join run_context
    inner join period on period.period_months = duty.period_months
    left join counted on counted.customer_id = duty.customer_id and counted.role_group = duty.role_group
),

final as (
    select
        *,
        case when status in ('open', 'missed') then required_contacts - counted_contacts else 0 end as shortfall
    from judged
)

select * from final
