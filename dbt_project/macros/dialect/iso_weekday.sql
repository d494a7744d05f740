{#- 1 = Monday ... 7 = Sunday. -#}
{% macro iso_weekday(date_value) -%}
    {{ return(adapter.dispatch('iso_weekday', 'fenceng')(date_value)) }}
{%- endmacro %}

{% macro default__iso_weekday(date_value) -%}
    isodow({{ date_value }})
{%- endmacro %}

{% macro spark__iso_weekday(date_value) -%}
    (weekday({{ date_value }}) + 1)
{%- endmacro %}
