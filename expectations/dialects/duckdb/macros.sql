{#- What the gates' SQL can't say in words that every engine reads alike: one macro each, and one folder an engine.
    What has the name of a macro of dbt_project/macros/dialect does the same. -#}

{#- The date n days later. -#}
{% macro add_days(date_value, days) -%}
    cast(({{ date_value }}) + to_days(cast(({{ days }}) as integer)) as date)
{%- endmacro %}

{#- The time n seconds later. -#}
{% macro add_seconds(time_value, seconds) -%}
    ({{ time_value }}) + to_seconds(cast(({{ seconds }}) as bigint))
{%- endmacro %}

{#- The date n months later; the last day of a shorter month stands in for a day that it lacks. -#}
{% macro add_months(date_value, months) -%}
    cast(({{ date_value }}) + to_months(cast(({{ months }}) as integer)) as date)
{%- endmacro %}

{#- The date n years later; 28 February stands in for a 29 February that a year lacks. -#}
{% macro add_years(date_value, years) -%}
    cast(({{ date_value }}) + to_years(cast(({{ years }}) as integer)) as date)
{%- endmacro %}

{#- The first day of the date's month. -#}
{% macro month_start(date_value) -%}
    cast(date_trunc('month', {{ date_value }}) as date)
{%- endmacro %}

{#- The first day of the date's month or year. -#}
{% macro first_of_period(date_value, period) -%}
    cast(date_trunc('{{ period }}', {{ date_value }}) as date)
{%- endmacro %}

{#- How many days lie between two dates. -#}
{% macro days_from(first_day, last_day) -%}
    ({{ last_day }} - {{ first_day }})
{%- endmacro %}

{#- A date as eight digits: 20260331. -#}
{% macro date_digits(date_value) -%}
    strftime({{ date_value }}, '%Y%m%d')
{%- endmacro %}

{#- The one way to divide: in doubles, null where the divisor is 0. -#}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{#- Whether a sum, rounded to two places, fits the type of a published amount. -#}
{% macro fits_money(value) -%}
    (try_cast(round({{ value }}, 2) as decimal(18, 2)) is not null)
{%- endmacro %}

{#- The least whole amount that does not fit it. -#}
{% macro too_much_money() -%}
    cast('10000000000000000' as decimal(38, 10))
{%- endmacro %}

{#- Texts behind each other; a null adds nothing. -#}
{% macro joined(values) -%}
    concat({{ values }})
{%- endmacro %}

{#- The same with a separator between them. -#}
{% macro joined_by(separator, values) -%}
    concat_ws('{{ separator }}', {{ values }})
{%- endmacro %}

{#- A value as text behind its length; null for null. -#}
{% macro with_length(value) -%}
    length(cast({{ value }} as varchar)) || ':' || cast({{ value }} as varchar)
{%- endmacro %}

{#- Columns of a relation as texts, one after the other, with a text for null. -#}
{% macro texts_or(relation, columns, for_null) -%}
    {% for column in columns -%}
    coalesce(cast({{ relation }}.{{ column }} as varchar), '{{ for_null }}'){{ ', ' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- A whole number without its lowest bits, and those bits. -#}
{% macro high_bits(number, bits) -%}
    ({{ number }} >> {{ bits }})
{%- endmacro %}

{% macro low_bits(number, bits) -%}
    ({{ number }} & ((cast(1 as bigint) << {{ bits }}) - 1))
{%- endmacro %}

{#- Whether the pattern is found in a text, or is the whole text. -#}
{% macro matches(value, pattern) -%}
    regexp_matches({{ value }}, '{{ pattern }}')
{%- endmacro %}

{% macro matches_whole(value, pattern) -%}
    regexp_full_match({{ value }}, '{{ pattern }}')
{%- endmacro %}

{#- The text with everything replaced that matches the pattern. -#}
{% macro replace_matches(value, pattern, replacement) -%}
    regexp_replace({{ value }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{#- A text without any white space, of Unicode too. -#}
{% macro without_white_space(value) -%}
    regexp_replace({{ value }}, '[\s\x0b\x1c-\x1f\x{0085}\pZ]', '', 'g')
{%- endmacro %}

{#- The first match of the pattern in a text, or what a group of it matches; the empty text without one. -#}
{% macro extract_match(value, pattern, group=0) -%}
    regexp_extract({{ value }}, '{{ pattern }}', {{ group }})
{%- endmacro %}

{#- Every node with itself and all above it, columns node and above; the relation has one row a node. `union` ends a
    ring. -#}
{% macro all_above(relation, node, parent) -%}
    with recursive climbed as (
        select
            {{ node }} as node,
            {{ node }} as above
        from {{ relation }}
        union
        select
            climbed.node,
            parent.{{ node }} as above
        from climbed
        inner join {{ relation }} as own on own.{{ node }} = climbed.above
        inner join {{ relation }} as parent on parent.{{ node }} = own.{{ parent }}
    )

    select
        node,
        above
    from climbed
{%- endmacro %}
