{#- A decimal as text, in full and without trailing zeros: 50000, 49999.996. -#}
{% macro plain_number(value) -%}
    rtrim(rtrim(cast(cast({{ value }} as decimal(38, 10)) as varchar(60)), '0'), '.')
{%- endmacro %}
