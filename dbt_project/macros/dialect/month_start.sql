{#- The first day of the date's month. -#}
{% macro month_start(date_value) -%}
    cast(date_trunc('month', {{ date_value }}) as date)
{%- endmacro %}
