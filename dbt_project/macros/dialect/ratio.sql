{#- The only way to divide: in doubles, null if the divisor is 0. Written plainly, engines return infinity, an error or
    a truncated decimal. -#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}
