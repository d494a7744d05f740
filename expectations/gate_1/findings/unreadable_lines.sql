-- The first line of each table that could not be read as a row.
with numbered as (
    select
        table_name,
        {{ joined("business_date, '/', file_name, ', line ', line_number, ': ', why") }} as place,
        row_number() over (
            partition by table_name
            order by business_date nulls last, file_id nulls last, line_number nulls last
        ) as n
    from landing.unreadable_line
)

select
    table_name,
    place
from numbered
where n = 1
