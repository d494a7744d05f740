{#- A relation with one row per day, column calendar_date, both ends included; a one-row relation gives the ends. -#}
{% macro days_between(relation, first_day, last_day) -%}
    {{ return(adapter.dispatch('days_between', 'fenceng')(relation, first_day, last_day)) }}
{%- endmacro %}

{% macro default__days_between(relation, first_day, last_day) -%}
    select cast(unnest(generate_series({{ first_day }}, {{ last_day }}, interval 1 day)) as date) as calendar_date
    from {{ relation }}
{%- endmacro %}

{% macro spark__days_between(relation, first_day, last_day) -%}
    select explode(sequence({{ first_day }}, {{ last_day }}, interval 1 day)) as calendar_date
    from {{ relation }}
{%- endmacro %}
