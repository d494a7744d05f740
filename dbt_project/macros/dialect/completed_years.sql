{#- Completed years between two days: a birthday counts from the day itself, one on 29 February from 1 March in other
    years. -#}
{% macro completed_years(first_day, last_day) -%}
    (
        extract(year from {{ last_day }}) - extract(year from {{ first_day }})
        - case
            when
                extract(month from {{ last_day }}) < extract(month from {{ first_day }})
                or (
                    extract(month from {{ last_day }}) = extract(month from {{ first_day }})
                    and extract(day from {{ last_day }}) < extract(day from {{ first_day }})
                )
                then 1
            else 0
        end
    )
{%- endmacro %}
