with

obligation as (
    select * from {{ ref('fct_visit_obligation_monthly') }}
),

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

-- Every duty once under its role group and once under 'all', at its lead outlet and every level above.
rolled_up as (
    {% for role_group in ["obligation.role_group", "'all'"] -%}
    select
        obligation.policy_month,
        ancestors.ancestor_org_id as org_id,
        ancestors.ancestor_level as org_level,
        {{ role_group }} as role_group,
        obligation.status,
        obligation.required_contacts,
        least(obligation.counted_contacts, obligation.required_contacts) as credited_contacts,
        obligation.counted_contacts - obligation.doubtful_contacts >= obligation.required_contacts
            as is_met_without_doubtful
    from obligation
    inner join ancestors on ancestors.org_id = obligation.lead_org_id
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

counted as (
    select
        policy_month,
        org_id,
        org_level,
        role_group,
        count(*) as obligations,
        {% for status in ['met', 'open', 'missed', 'excluded'] -%}
        sum(case when status = '{{ status }}' then 1 else 0 end) as {{ status }},
        {% endfor -%}
        sum(case when status = 'excluded' then 0 else required_contacts end) as required_contacts,
        sum(case when status = 'excluded' then 0 else credited_contacts end) as credited_contacts,
        sum(case when status <> 'excluded' and is_met_without_doubtful then 1 else 0 end) as met_without_doubtful
    from rolled_up
    group by policy_month, org_id, org_level, role_group
),

final as (
    select
        policy_month,
        org_id,
        org_level,
        role_group,
        obligations,
        cast(met as bigint) as met,
        cast(open as bigint) as open,
        cast(missed as bigint) as missed,
        cast(excluded as bigint) as excluded,
        cast(required_contacts as bigint) as required_contacts,
        cast(credited_contacts as bigint) as credited_contacts,
        {{ ratio('met', 'met + open + missed') }} as compliance_rate,
        {{ ratio('credited_contacts', 'required_contacts') }} as contact_completion_rate,
        cast(met_without_doubtful as bigint) as met_without_doubtful,
        {{ ratio('met_without_doubtful', 'met + open + missed') }} as compliance_rate_without_doubtful
    from counted
)

select * from final
