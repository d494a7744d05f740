{#- The date n months later; where the month has no such day, its last day. -#}
{% macro add_months(date_value, months) -%}
    {{ return(adapter.dispatch('add_months', 'fenceng')(date_value, months)) }}
{%- endmacro %}

{% macro default__add_months(date_value, months) -%}
    cast(({{ date_value }}) + to_months(cast(({{ months }}) as integer)) as date)
{%- endmacro %}

{% macro spark__add_months(date_value, months) -%}
    add_months({{ date_value }}, cast({{ months }} as int))
{%- endmacro %}
