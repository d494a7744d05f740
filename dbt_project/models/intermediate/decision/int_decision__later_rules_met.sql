with

measure_values as (
    select * from {{ ref('int_customer__measure_values') }}
),

award as (
    select * from {{ ref('int_decision__awards') }}
    where purpose <> 'tier' and not is_default
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
    where not is_default
),

-- The outcomes of the earlier stages are measures, named by their scheme; who has a scheme's default has none.
with_outcomes as (
    select * from measure_values
    {% for outcome in ['award', 'held'] -%}
    union all
    select
        customer_id,
        segment,
        scheme as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        tier_code as category_value
    from {{ outcome }}
    {% endfor -%}
),

final as (
    {{ rules_met('with_outcomes', 3) }}
)

select * from final
