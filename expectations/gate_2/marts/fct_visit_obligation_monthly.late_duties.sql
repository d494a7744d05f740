with contact as (
    select
        duty.customer_id,
        duty.role_group,
        duty.required_contacts,
        duty.counted_contacts,
        visit.visit_id,
        min(case when visit.is_late then 1 else 0 end) as is_late
    from gate_2.visit_of_month_before as visit
    inner join gate_2.in_force.policy_visit_channel as channel on channel.channel = visit.channel
    inner join scratch.accepted.employee as employee on employee.employee_id = visit.employee_id
    inner join gate_2.in_force.policy_role as role on role.role = employee.role
    inner join scratch.published.visit_obligation_month as duty
        on duty.customer_id = visit.customer_id and duty.role_group = role.role_group
    inner join gate_2.responsible_org as responsible
        on responsible.lead_org_id = duty.lead_org_id and responsible.org_id = employee.org_id
    where duty.status in ('open', 'missed')
    group by
        duty.customer_id, duty.role_group, duty.required_contacts, duty.counted_contacts, visit.visit_id
)

select
    customer_id,
    role_group
from contact
group by customer_id, role_group, required_contacts, counted_contacts
having counted_contacts + sum(is_late) >= required_contacts and sum(is_late) > 0
