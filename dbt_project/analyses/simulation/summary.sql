-- One row: what the proposed policy changes in total. Assets are those of customers that change their tier.
with

affected as (
    select * from simulation.affected_customer
),

migration as (
    select * from simulation.tier_migration
    where purpose = 'tier' and is_moved
),

contacts as (
    select * from simulation.contacts_by_role
),

moved as (
    select
        count(*) as customers_moved,
        count(case when direction = 'up' then 1 end) as customers_up,
        count(case when direction = 'down' then 1 end) as customers_down
    from affected
    where purpose = 'tier'
),

otherwise as (
    select count(distinct customer_id) as customers_affected from affected
),

final as (
    select
        (select count(*) from proposed.int_customer__measures) as customers,
        otherwise.customers_affected,
        moved.customers_moved,
        moved.customers_up,
        moved.customers_down,
        (select coalesce(sum(financial_assets), 0) from migration) as financial_assets_moved,
        (select coalesce(sum(contacts_in_force), 0) from contacts) as contacts_in_force,
        (select coalesce(sum(contacts_proposed), 0) from contacts) as contacts_proposed,
        (select coalesce(sum(people_needed_in_force), 0) from contacts) as people_needed_in_force,
        (select coalesce(sum(people_needed_proposed), 0) from contacts) as people_needed_proposed,
        (select coalesce(sum(people_short_proposed), 0) from contacts) as people_short_proposed
    from moved
    cross join otherwise
)

select * from final
