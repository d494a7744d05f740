{#- A text without any white space, of Unicode too. -#}
{% macro without_white_space(value) -%}
    {{ return(adapter.dispatch('without_white_space', 'fenceng')(value)) }}
{%- endmacro %}

{#- RE2 knows [[:space:]] for ASCII alone; the others are the white space of Unicode 15: Z* and the controls. -#}
{% macro default__without_white_space(value) -%}
    regexp_replace({{ value }}, '[\s\x0b\x1c-\x1f\x{0085}\pZ]', '', 'g')
{%- endmacro %}

{% macro spark__without_white_space(value) -%}
    regexp_replace({{ value }}, '(?U)[\\s\\x1c-\\x1f]', '')
{%- endmacro %}
