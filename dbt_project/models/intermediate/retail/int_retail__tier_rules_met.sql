with

measure_values as (
    select * from {{ ref('int_retail__measure_values') }}
),

scope_rules_met as (
    select * from {{ ref('int_retail__scope_rules_met') }}
),

-- The routes into scope are a measure of their own: a rule may give a tier to who is in scope by one of them.
with_routes as (
    select * from measure_values
    union all
    select distinct
        customer_id,
        'scope_route' as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        route as category_value
    from scope_rules_met
),

final as (
    {{ rules_met('with_routes', 'retail_tier') }}
)

select * from final
