{#- Each row of a relation once for every whole number between two of its columns, both included; column whole_number. -#}
{% macro whole_numbers(relation, columns, first_number, last_number) -%}
    {{ return(adapter.dispatch('whole_numbers', 'fenceng')(relation, columns, first_number, last_number)) }}
{%- endmacro %}

{% macro default__whole_numbers(relation, columns, first_number, last_number) -%}
    select
        {{ columns | join(', ') }},
        unnest(generate_series({{ first_number }}, {{ last_number }})) as whole_number
    from {{ relation }}
{%- endmacro %}

{% macro spark__whole_numbers(relation, columns, first_number, last_number) -%}
    select
        {{ columns | join(', ') }},
        explode(sequence({{ first_number }}, {{ last_number }})) as whole_number
    from {{ relation }}
{%- endmacro %}
