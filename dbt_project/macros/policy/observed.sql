{#- A measured value as text. -#}
{% macro observed(measured) -%}
    concat(
        {{ measured }}.measure_id,
        ' = ',
        coalesce({{ measured }}.category_value, {{ plain_number(measured ~ '.number_value') }})
    )
{%- endmacro %}
