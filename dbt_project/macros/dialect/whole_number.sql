{#- A whole number of up to 38 digits. The value is a whole number already. -#}
{% macro whole_number(value) -%}
    {{ return(adapter.dispatch('whole_number', 'fenceng')(value)) }}
{%- endmacro %}

{% macro default__whole_number(value) -%}
    cast({{ value }} as hugeint)
{%- endmacro %}

{% macro spark__whole_number(value) -%}
    cast({{ value }} as decimal(38, 0))
{%- endmacro %}
