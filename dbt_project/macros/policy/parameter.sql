{#-
    The value of a parameter in force on the business date, as a scalar subquery. places: of six a product with an
    amount has a type; more are for doubles only.
-#}
{% macro parameter(parameter_id, places=6) -%}
    (
        select cast(in_force.number_value as decimal({{ 18 + places }}, {{ places }}))
        from ({{ rows_in_force('policy_parameter') }}) as in_force
        where in_force.parameter_id = '{{ parameter_id }}'
    )
{%- endmacro %}
