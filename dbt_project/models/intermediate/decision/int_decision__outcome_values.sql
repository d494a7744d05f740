{{ config(materialized="view") }}

with

award as (
    select * from {{ ref('int_decision__awards_stage_2') }}
    where purpose <> 'tier' and not is_default
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
    where not is_default
),

-- The outcomes of earlier stages are measures, named after their scheme; a scheme's default is not an outcome.
final as (
    {% for outcome in ['award', 'held'] -%}
    select
        customer_id,
        segment,
        scheme as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        tier_code as category_value
    from {{ outcome }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final
