with

duty as (
    select * from {{ ref('int_coverage__duties') }}
    where exclusion_reason is null
),

serving_org as (
    select * from {{ ref('int_coverage__serving_orgs') }}
),

-- If no organisation on the way up has people of the group, the duty stays with the outlet.
served as (
    select
        coalesce(serving_org.serving_org_id, duty.lead_org_id) as org_id,
        duty.role_group,
        duty.period_months,
        duty.required_contacts
    from duty
    left join serving_org
        on serving_org.lead_org_id = duty.lead_org_id and serving_org.role_group = duty.role_group
),

-- A duty of a longer period is spread evenly over its months.
by_period as (
    select
        org_id,
        role_group,
        count(*) as duties,
        cast(round({{ ratio('sum(required_contacts)', 'period_months') }}, 2) as decimal(18, 2)) as required_contacts
    from served
    group by org_id, role_group, period_months
),

final as (
    select
        org_id,
        role_group,
        sum(duties) as duties,
        sum(required_contacts) as required_contacts
    from by_period
    group by org_id, role_group
)

select * from final
