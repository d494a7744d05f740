{#- A text without white space, of Unicode too, at its ends. -#}
{% macro trimmed(value) -%}
    {{ return(adapter.dispatch('trimmed', 'fenceng')(value)) }}
{%- endmacro %}

{% macro default__trimmed(value) -%}
    regexp_replace({{ value }}, '^{{ white_space() }}+|{{ white_space() }}+$', '', 'g')
{%- endmacro %}

{% macro spark__trimmed(value) -%}
    regexp_replace({{ value }}, '^{{ white_space() }}+|{{ white_space() }}+$', '')
{%- endmacro %}
