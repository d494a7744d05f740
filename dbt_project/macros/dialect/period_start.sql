{#- The first day of the date's month, quarter or year. -#}
{% macro period_start(period, date_value) -%}
    cast(date_trunc('{{ period }}', {{ date_value }}) as date)
{%- endmacro %}
