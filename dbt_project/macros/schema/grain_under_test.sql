{#- The grain of the model or seed that the running data test is attached to, by `meta.grain` of its entry. The project is
    known in full only when the test runs; while dbt parses, a stand-in is enough. -#}
{% macro grain_under_test() -%}
    {{ return(graph.nodes[model.attached_node].config.meta.grain if execute else ['1']) }}
{%- endmacro %}
