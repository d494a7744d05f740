{#- The values of a group in the order of other expressions, with a separator between them. -#}
{% macro listagg(value, ordered_by, separator='; ') -%}
    {{ return(adapter.dispatch('listagg', 'fenceng')(value, ordered_by, separator)) }}
{%- endmacro %}

{#- DuckDB's string_agg with an order takes more than twice the memory of a sorted list, and cannot spill. -#}
{% macro default__listagg(value, ordered_by, separator) -%}
    array_to_string(
        list_transform(
            list_sort(list(row({{ ordered_by }}, {{ value }}))),
            lambda entry: entry[{{ ordered_by.split(',') | length + 1 }}]
        ),
        '{{ separator }}'
    )
{%- endmacro %}

{% macro spark__listagg(value, ordered_by, separator) -%}
    listagg({{ value }}, '{{ separator }}') within group (order by {{ ordered_by }})
{%- endmacro %}
