{#- The one way to divide: in doubles, null where the divisor is 0 (engines return inf, an error, or a cut decimal). -#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{#- Full decimals to money, half up, once, at the end: published amounts have two places. -#}
{% macro as_money(value) -%}
    cast({{ value }} as decimal(18, 2))
{%- endmacro %}
