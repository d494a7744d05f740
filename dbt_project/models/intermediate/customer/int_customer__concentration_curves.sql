with

concentration_amount as (
    select * from {{ ref('int_customer__concentration_amounts') }}
),

upper_level as (
    select * from {{ ref('int_organization__upper_levels') }}
),

-- Customers with the same amount are one row: at the outlet first, then at the levels above it.
at_outlet as (
    select
        lead_org_id,
        segment,
        measure,
        amount,
        count(*) as customers
    from concentration_amount
    group by lead_org_id, segment, measure, amount
),

rolled_up as (
    select
        upper_level.upper_org_id as org_id,
        at_outlet.segment,
        at_outlet.measure,
        at_outlet.amount,
        sum(at_outlet.customers) as customers
    from at_outlet
    inner join upper_level on upper_level.org_id = at_outlet.lead_org_id
    group by upper_level.upper_org_id, at_outlet.segment, at_outlet.measure, at_outlet.amount
),

final as (
    select
        org_id,
        segment,
        measure,
        amount,
        cast(customers as bigint) as customers,
        cast(
            sum(customers) over (
                partition by org_id, segment, measure
                order by amount desc nulls last rows between unbounded preceding and current row
            ) as bigint
        ) as customers_from_top
    from rolled_up
)

select * from final
