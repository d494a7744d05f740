{#- The Monday of the date's week. -#}
{% macro week_start(date_value) -%}
    {{ add_days(date_value, '1 - ' ~ iso_weekday(date_value)) }}
{%- endmacro %}
