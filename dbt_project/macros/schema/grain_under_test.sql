{#- The grain of the model or seed that the running data test is attached to: `meta.grain` of its entry. dbt knows the
    whole project only at execution; while it parses, a placeholder is enough. -#}
{% macro grain_under_test() -%}
    {{ return(graph.nodes[model.attached_node].config.meta.grain if execute else ['1']) }}
{%- endmacro %}
