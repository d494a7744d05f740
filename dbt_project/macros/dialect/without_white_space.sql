{#- A text without any white space, of Unicode too. -#}
{% macro without_white_space(value) -%}
    {{ return(adapter.dispatch('without_white_space', 'fenceng')(value)) }}
{%- endmacro %}

{% macro default__without_white_space(value) -%}
    regexp_replace({{ value }}, '{{ white_space() }}', '', 'g')
{%- endmacro %}

{% macro spark__without_white_space(value) -%}
    regexp_replace({{ value }}, '{{ white_space() }}', '')
{%- endmacro %}
