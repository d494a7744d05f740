-- One row per file, counted from three sources: the rows received, the rows accepted, the rows quarantined.
create or replace table gate_1.file_count as
with accepted as (
    {% for table in tables -%}
    select
        {{ high_bits('_row', row_bits) }} as file_id,
        count(*) as n
    from accepted.{{ table }}
    group by {{ high_bits('_row', row_bits) }}
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rejected as (
    select
        {{ high_bits('_row', row_bits) }} as file_id,
        count(*) as n
    from gate_1.rejection
    where
        is_first
        and table_name in ('{{ tables | join("', '") }}')
    group by {{ high_bits('_row', row_bits) }}
),

unreadable as (
    select
        file_id,
        count(*) as n
    from landing.unreadable_line
    group by file_id
)

select
    file._row,
    file.table_name,
    file.business_date,
    file.file_name,
    file.rows_received as received,
    coalesce(accepted.n, 0) as accepted,
    coalesce(rejected.n, 0) + coalesce(unreadable.n, 0) as quarantined
from delivery.file as file
left join accepted on accepted.file_id = file._row
left join rejected on rejected.file_id = file._row
left join unreadable on unreadable.file_id = file._row
where file.table_name in ('{{ tables | join("', '") }}');
