{#- The day in a year with the month and day of another one; 29 February is 1 March in other years. -#}
{% macro anniversary_in(of_day, year) -%}
    {{ add_days(
        'make_date(cast(' ~ year ~ ' as integer), cast(extract(month from ' ~ of_day ~ ') as integer), 1)',
        'extract(day from ' ~ of_day ~ ') - 1'
    ) }}
{%- endmacro %}
