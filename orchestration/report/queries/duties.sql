-- One row per organisation, month and role group ('all' for every one): the duties that compliance
-- judges, by status, and the contacts that they lack. Excused duties count in none of them.
with

setting as (
    select * from report_setting
),

compliance as (
    select * from marts.fct_visit_compliance_by_org_monthly
),

final as (
    select
        compliance.org_id,
        compliance.policy_month,
        compliance.role_group,
        compliance.met + compliance.open + compliance.missed as judged,
        compliance.met,
        compliance.open,
        compliance.missed,
        compliance.required_contacts - compliance.credited_contacts as lacking,
        compliance.compliance_rate
    from compliance
    inner join setting on compliance.policy_month between setting.first_month and setting.month_in_hand
)

select * from final
order by org_id, policy_month, role_group
