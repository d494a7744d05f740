{#- How many months lie between the months of two days. -#}
{% macro months_from(first_day, last_day) -%}
    cast(
        (extract(year from {{ last_day }}) - extract(year from {{ first_day }})) * 12
        + extract(month from {{ last_day }}) - extract(month from {{ first_day }}) as integer
    )
{%- endmacro %}
