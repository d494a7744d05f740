{#- Text in groups and numbers as text: both differ from engine to engine. listagg is dispatched; plain_number is one
    spelling that all of them read alike. -#}

{#- The values of a group in the order of other expressions, with a separator between them. -#}
{% macro listagg(value, ordered_by, separator='; ') -%}
    {{ return(adapter.dispatch('listagg', 'fenceng')(value, ordered_by, separator)) }}
{%- endmacro %}

{#- DuckDB's string_agg with an order takes more than twice the memory of a sorted list, and cannot spill it. -#}
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

{#- A decimal in full, without the zeros behind it: 50000, 49999.996. -#}
{% macro plain_number(value) -%}
    rtrim(rtrim(cast(cast({{ value }} as decimal(38, 10)) as varchar(60)), '0'), '.')
{%- endmacro %}
