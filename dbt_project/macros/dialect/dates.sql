{#- Date arithmetic: engines differ in types, brackets and month ends. A macro is dispatched where they need words of
    their own; month_start and completed_years are one spelling that all of them read alike. -#}

{#- The date n months later; the last day of a shorter month stands in for a day that it lacks. -#}
{% macro add_months(date_value, months) -%}
    {{ return(adapter.dispatch('add_months', 'fenceng')(date_value, months)) }}
{%- endmacro %}

{% macro default__add_months(date_value, months) -%}
    cast(({{ date_value }}) + to_months(cast(({{ months }}) as integer)) as date)
{%- endmacro %}

{% macro spark__add_months(date_value, months) -%}
    add_months({{ date_value }}, cast({{ months }} as int))
{%- endmacro %}

{#- The date n days later. -#}
{% macro add_days(date_value, days) -%}
    {{ return(adapter.dispatch('add_days', 'fenceng')(date_value, days)) }}
{%- endmacro %}

{% macro default__add_days(date_value, days) -%}
    cast(({{ date_value }}) + to_days(cast(({{ days }}) as integer)) as date)
{%- endmacro %}

{% macro spark__add_days(date_value, days) -%}
    date_add({{ date_value }}, cast({{ days }} as int))
{%- endmacro %}

{#- The first day of the date's month. -#}
{% macro month_start(date_value) -%}
    cast(date_trunc('month', {{ date_value }}) as date)
{%- endmacro %}

{#- 1 = Monday ... 7 = Sunday. -#}
{% macro iso_weekday(date_value) -%}
    {{ return(adapter.dispatch('iso_weekday', 'fenceng')(date_value)) }}
{%- endmacro %}

{% macro default__iso_weekday(date_value) -%}
    isodow({{ date_value }})
{%- endmacro %}

{% macro spark__iso_weekday(date_value) -%}
    (weekday({{ date_value }}) + 1)
{%- endmacro %}

{#- A relation with one row a day, column calendar_date, both ends included; the ends come from a one-row relation. -#}
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

{#- Completed years from one day to another: a birthday counts from its day on, that of 29 February from 1 March. -#}
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
