{#- The smallest whole number that is not below the value. -#}
{% macro ceiling(value) -%}
    cast(ceil({{ value }}) as bigint)
{%- endmacro %}
