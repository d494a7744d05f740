{#- The days of a relation, column calendar_date, that are working days: by the weekday, unless the State Council's
    calendar says otherwise for the day. One calendar for the bank. -#}
{% macro working_days(calendar_day) -%}
    select {{ calendar_day }}.calendar_date
    from {{ calendar_day }}
    inner join {{ ref('ref_weekday') }} as weekday
        on weekday.iso_weekday = {{ iso_weekday(calendar_day ~ '.calendar_date') }}
    left join {{ ref('ref_calendar_exception') }} as calendar_exception
        on calendar_exception.calendar_date = {{ calendar_day }}.calendar_date
    where coalesce(calendar_exception.is_working_day, weekday.is_working_day)
{%- endmacro %}
