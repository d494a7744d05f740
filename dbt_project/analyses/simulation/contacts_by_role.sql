-- One row per role group: contacts and people over all organisations.
with

staffing as (
    select * from simulation.staffing
),

final as (
    select
        role_group,
        sum(people) as people,
        sum(contacts_in_force) as contacts_in_force,
        sum(contacts_proposed) as contacts_proposed,
        sum(people_needed_in_force) as people_needed_in_force,
        sum(people_needed_proposed) as people_needed_proposed,
        sum(people_short_proposed) as people_short_proposed
    from staffing
    group by role_group
)

select * from final
order by role_group
