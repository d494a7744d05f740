{#- The next day with the month and day of another one, on or after a date: the date itself counts. 29 February falls on
    1 March in other years, being 28 days after 1 February. -#}
{% macro next_anniversary(of_day, from_day) -%}
    case
        when {{ anniversary_in(of_day, 'extract(year from ' ~ from_day ~ ')') }} >= {{ from_day }}
            then {{ anniversary_in(of_day, 'extract(year from ' ~ from_day ~ ')') }}
        else {{ anniversary_in(of_day, 'extract(year from ' ~ from_day ~ ') + 1') }}
    end
{%- endmacro %}
