{#- The last day of the date's month, quarter or year. -#}
{% macro period_end(period, date_value) -%}
    {%- set months = {'month': 1, 'quarter': 3, 'year': 12}[period] -%}
    {{ add_days(add_months(period_start(period, date_value), months), -1) }}
{%- endmacro %}
