{#- The rows of a policy seed in force on the business date. Validity is half-open: valid_to is the first day on which a
    row no longer holds. -#}
{% macro rows_in_force(seed_name) -%}
    select policy_row.*
    from {{ ref(seed_name) }} as policy_row
    cross join {{ ref('stg_run__context') }} as run_context
    where
        policy_row.valid_from <= run_context.business_date
        and (policy_row.valid_to is null or policy_row.valid_to > run_context.business_date)
        and policy_row.scenario = run_context.scenario
{%- endmacro %}
