{#- The date n days later. -#}
{% macro add_days(date_value, days) -%}
    {{ return(adapter.dispatch('add_days', 'fenceng')(date_value, days)) }}
{%- endmacro %}

{% macro default__add_days(date_value, days) -%}
    cast(({{ date_value }}) + to_days(cast(({{ days }}) as integer)) as date)
{%- endmacro %}

{% macro spark__add_days(date_value, days) -%}
    date_add({{ date_value }}, cast({{ days }} as int))
{%- endmacro %}
