{#- How often the divisor goes into the dividend: whole numbers, neither below 0; null if the divisor is 0. -#}
{% macro whole_quotient(dividend, divisor) -%}
    {{ return(adapter.dispatch('whole_quotient', 'fenceng')(dividend, divisor)) }}
{%- endmacro %}

{% macro default__whole_quotient(dividend, divisor) -%}
    ({{ dividend }}) // nullif({{ divisor }}, 0)
{%- endmacro %}

{% macro spark__whole_quotient(dividend, divisor) -%}
    ({{ dividend }}) div nullif({{ divisor }}, 0)
{%- endmacro %}
