with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

scope_scheme as (
    {{ rows_in_force('policy_scheme') }}
),

route as (
    select distinct
        customer_id,
        route
    from {{ ref('int_decision__rules_met_stage_1') }}
),

-- The routes into scope are a measure of their own; a customer that meets none has the route none.
final as (
    select
        measures.customer_id,
        measures.segment,
        'scope_route' as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        coalesce(route.route, 'none') as category_value
    from measures
    inner join scope_scheme on scope_scheme.segment = measures.segment and scope_scheme.purpose = 'scope'
    left join route on route.customer_id = measures.customer_id
)

select * from final
