with

required as (
    select * from {{ ref('int_coverage__required_contacts') }}
),

capacity as (
    select * from {{ ref('int_coverage__capacities') }}
),

role as (
    {{ rows_in_force('policy_role') }}
),

role_capacity as (
    {{ rows_in_force('policy_capacity') }}
),

month_in_hand as (
    select
        run_context.policy_month,
        period.working_days
    from {{ ref('stg_run__context') }} as run_context
    inner join {{ ref('int_coverage__periods') }} as period on period.period_months = 1
),

-- What one person of the group can do a day: the smallest of several roles, so that no need is understated.
one_person as (
    select
        role.role_group,
        min(role_capacity.upper_mark) as contacts_a_day
    from role
    inner join role_capacity on role_capacity.role = role.role and role_capacity.capacity_kind = 'contacts_a_day'
    group by role.role_group
),

group_of_org as (
    select org_id, role_group from required
    union
    select org_id, role_group from capacity
),

compared as (
    select
        month_in_hand.policy_month,
        group_of_org.org_id,
        group_of_org.role_group,
        month_in_hand.working_days,
        coalesce(required.duties, 0) as duties,
        coalesce(required.required_contacts, 0) as required_contacts,
        coalesce(capacity.people, 0) as people,
        coalesce(capacity.contacts_a_day, 0) * month_in_hand.working_days as possible_contacts,
        one_person.contacts_a_day * month_in_hand.working_days as contacts_of_one_person
    from group_of_org
    cross join month_in_hand
    left join required on required.org_id = group_of_org.org_id and required.role_group = group_of_org.role_group
    left join capacity on capacity.org_id = group_of_org.org_id and capacity.role_group = group_of_org.role_group
    left join one_person on one_person.role_group = group_of_org.role_group
),

final as (
    select
        policy_month,
        org_id,
        role_group,
        cast(working_days as integer) as working_days,
        cast(duties as bigint) as duties,
        cast(required_contacts as decimal(18, 2)) as required_contacts,
        cast(people as bigint) as people,
        cast(possible_contacts as bigint) as possible_contacts,
        {{ ceiling(ratio('required_contacts', 'contacts_of_one_person')) }} as people_needed,
        {{ ratio('required_contacts', 'possible_contacts') }} as utilisation,
        required_contacts <= possible_contacts as is_feasible
    from compared
)

select * from final
