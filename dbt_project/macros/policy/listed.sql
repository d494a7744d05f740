{#- The values of a list of the policy in force on the business date, as a subquery for `in`. -#}
{% macro listed(value_list) -%}
    (
        select in_force.value
        from ({{ rows_in_force('policy_value_list') }}) as in_force
        where in_force.value_list = '{{ value_list }}'
    )
{%- endmacro %}
