-- A duty counts at its outlet and at everything above it, under its role group and under 'all'.
with owed as (
    select
        lead_org_id,
        role_group,
        status,
        required_contacts,
        counted_contacts,
        doubtful_contacts
    from month_in_hand.fct_visit_obligation_monthly
    union all
    select
        lead_org_id,
        'all' as role_group,
        status,
        required_contacts,
        counted_contacts,
        doubtful_contacts
    from month_in_hand.fct_visit_obligation_monthly
),

duty as (
    select
        lead_org_id,
        role_group,
        count(*) as obligations,
        count(case status when 'met' then 1 end) as met,
        count(case status when 'open' then 1 end) as open,
        count(case status when 'missed' then 1 end) as missed,
        count(case status when 'excluded' then 1 end) as excluded,
        count(
            case when status <> 'excluded' and counted_contacts >= required_contacts + doubtful_contacts then 1 end
        ) as met_without_doubtful,
        sum(case status when 'excluded' then 0 else required_contacts end) as required_contacts,
        sum(
            case
                when status = 'excluded' then 0
                when counted_contacts < required_contacts then counted_contacts
                else required_contacts
            end
        ) as credited_contacts
    from owed
    group by lead_org_id, role_group
),

both_sides as (
    select
        org_id,
        org_level,
        role_group,
        obligations,
        met,
        open,
        missed,
        excluded,
        met_without_doubtful,
        required_contacts,
        credited_contacts
    from {{ batch }}
    union all
    select
        organization.org_id,
        organization.org_level,
        duty.role_group,
        -duty.obligations as obligations,
        -duty.met as met,
        -duty.open as open,
        -duty.missed as missed,
        -duty.excluded as excluded,
        -duty.met_without_doubtful as met_without_doubtful,
        -duty.required_contacts as required_contacts,
        -duty.credited_contacts as credited_contacts
    from duty
    inner join gate_2.above as above on above.org_id = duty.lead_org_id
    inner join marts.dim_organization as organization on organization.org_id = above.above_id
)

select org_id
from both_sides
group by org_id, org_level, role_group
having
    sum(obligations) <> 0
    or sum(met) <> 0
    or sum(open) <> 0
    or sum(missed) <> 0
    or sum(excluded) <> 0
    or sum(met_without_doubtful) <> 0
    or sum(required_contacts) <> 0
    or sum(credited_contacts) <> 0
