{#- A character of white space, of Unicode too, as a regular expression. -#}
{% macro white_space() -%}
    {{ return(adapter.dispatch('white_space', 'fenceng')()) }}
{%- endmacro %}

{#- RE2 knows [[:space:]] for ASCII alone; the others are the white space of Unicode 15: Z* and the controls. -#}
{% macro default__white_space() -%}
    [\s\x0b\x1c-\x1f\x{0085}\pZ]
{%- endmacro %}

{% macro spark__white_space() -%}
    (?U)[\\s\\x1c-\\x1f]
{%- endmacro %}
