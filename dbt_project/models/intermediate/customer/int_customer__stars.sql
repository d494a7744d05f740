with

customer as (
    select * from {{ ref('int_customer__own_amounts') }}
),

branch as (
    select * from {{ ref('int_organization__branches') }}
),

star_rule as (
    {{ rows_in_force('policy_star') }}
),

lowest as (
    select min(star) as star from star_rule
),

placed as (
    select
        customer.customer_id,
        customer.segment,
        branch.branch_org_id,
        customer.own_amount,
        row_number() over (
            partition by branch.branch_org_id, customer.segment
            order by customer.own_amount desc nulls last, customer.customer_id asc
        ) as place
    from customer
    inner join branch on branch.org_id = customer.lead_org_id
),

population as (
    select
        branch_org_id,
        segment,
        count(*) as customers
    from placed
    group by branch_org_id, segment
),

-- The last place of each star, and the last one of the star above it.
reach as (
    select
        population.branch_org_id,
        population.segment,
        star_rule.star,
        {{ ceiling('star_rule.top_share * population.customers') }} as last_place,
        coalesce(
            max({{ ceiling('star_rule.top_share * population.customers') }}) over (
                partition by population.branch_org_id, population.segment
                order by star_rule.star desc nulls last rows between unbounded preceding and 1 preceding
            ), 0
        ) as places_above
    from population
    cross join star_rule
),

final as (
    select
        placed.customer_id,
        case when placed.own_amount > 0 then reach.star else lowest.star end as region_star
    from placed
    cross join lowest
    inner join reach
        on
            reach.branch_org_id = placed.branch_org_id
            and reach.segment = placed.segment
            and placed.place > reach.places_above
            and placed.place <= reach.last_place
)

select * from final
