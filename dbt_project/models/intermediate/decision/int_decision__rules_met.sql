with

measure_values as (
    select * from {{ ref('int_customer__measure_values') }}
),

measures as (
    select * from {{ ref('int_customer__measures') }}
),

scope_rules_met as (
    select * from {{ ref('int_decision__scope_rules_met') }}
),

scope_scheme as (
    {{ rows_in_force('policy_scheme') }}
),

route as (
    select distinct
        customer_id,
        route
    from scope_rules_met
),

-- The routes into scope are a measure of their own; who meets none has the route none.
with_routes as (
    select * from measure_values
    union all
    select
        measures.customer_id,
        measures.segment,
        'scope_route' as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        coalesce(route.route, 'none') as category_value
    from measures
    inner join scope_scheme on scope_scheme.segment = measures.segment and scope_scheme.purpose = 'scope'
    left join route on route.customer_id = measures.customer_id
),

final as (
    {{ rules_met('with_routes', 2) }}
)

select * from final
