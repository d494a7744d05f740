-- One row per organisation and role group: the contacts and people that each policy requires in a full month under its
-- classes, compared with the people available.
with

in_force_capacity as (
    select * from in_force.fct_visit_capacity_monthly
),

proposed_capacity as (
    select * from proposed.fct_visit_capacity_monthly
),

place as (
    select org_id, role_group from in_force_capacity
    union
    select org_id, role_group from proposed_capacity
),

final as (
    select
        place.org_id,
        place.role_group,
        coalesce(proposed_capacity.people, in_force_capacity.people, 0) as people,
        coalesce(in_force_capacity.required_contacts, 0) as contacts_in_force,
        coalesce(proposed_capacity.required_contacts, 0) as contacts_proposed,
        coalesce(in_force_capacity.people_needed, 0) as people_needed_in_force,
        coalesce(proposed_capacity.people_needed, 0) as people_needed_proposed,
        greatest(
            coalesce(proposed_capacity.people_needed, 0)
            - coalesce(proposed_capacity.people, in_force_capacity.people, 0),
            0
        ) as people_short_proposed
    from place
    left join in_force_capacity
        on in_force_capacity.org_id = place.org_id and in_force_capacity.role_group = place.role_group
    left join proposed_capacity
        on proposed_capacity.org_id = place.org_id and proposed_capacity.role_group = place.role_group
)

select * from final
order by org_id, role_group
