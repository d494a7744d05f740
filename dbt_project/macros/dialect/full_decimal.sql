{#- A measure at full precision; 0 if it is null. -#}
{% macro full_decimal(value) -%}
    cast(coalesce({{ value }}, 0) as decimal(38, 10))
{%- endmacro %}
