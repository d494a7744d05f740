-- The rows of a table whose key occurs more than once, numbered in the order of delivery.
create or replace table gate_1.copies as
with repeated as (
    select {{ key | join(', ') }}
    from landing.{{ table }}
    where {{ key | join(' is not null and ') }} is not null
    group by {{ key | join(', ') }}
    having count(*) > 1
),

-- Each value after its length, '-' for null: for any values, equal text means equal rows.
copied as (
    select
        _row,
        _biz_date,
        {{ key | join(', ') }},
        coalesce({{ with_length('_unreadable') }}, '-')
        {%- for column in columns %}
        || coalesce({{ with_length(column) }}, '-')
        {%- endfor %} as row_text
    from landing.{{ table }}
    inner join repeated using ({{ key | join(', ') }})
)

select
    _row,
    min(row_text) over (partition by {{ key | join(', ') }})
    <> max(row_text) over (partition by {{ key | join(', ') }}) as is_different,
    row_number() over (
        partition by {{ key | join(', ') }}
        order by _biz_date nulls last, _row nulls last
    ) as copy
from copied;
