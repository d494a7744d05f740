{#- A relation with one row per working day of the bank, column calendar_date, both ends included; a one-row relation
    gives the ends. By its weekday, unless the State Council's calendar says otherwise for the day. -#}
{% macro working_days(relation, first_day, last_day) -%}
    select calendar_day.calendar_date
    from ({{ days_between(relation, first_day, last_day) }}) as calendar_day
    inner join {{ ref('ref_weekday') }} as weekday
        on weekday.iso_weekday = {{ iso_weekday('calendar_day.calendar_date') }}
    left join {{ ref('ref_calendar_exception') }} as calendar_exception
        on calendar_exception.calendar_date = calendar_day.calendar_date
    where coalesce(calendar_exception.is_working_day, weekday.is_working_day)
{%- endmacro %}
