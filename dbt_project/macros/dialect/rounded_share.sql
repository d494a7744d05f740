{#- A part of a whole, 0 <= part <= whole, rounded half away from zero to six places; null if the whole is 0. -#}
{% macro rounded_share(part, whole) -%}
    cast({{ rounded_ratio(part, whole) }} as decimal(9, 6))
{%- endmacro %}
