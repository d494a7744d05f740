{#- The value of a parameter in force on the business date, as a scalar subquery. -#}
{% macro parameter(parameter_id) -%}
    (
        select in_force.number_value
        from ({{ rows_in_force('policy_parameter') }}) as in_force
        where in_force.parameter_id = '{{ parameter_id }}'
    )
{%- endmacro %}
