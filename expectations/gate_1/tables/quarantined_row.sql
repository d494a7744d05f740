-- One row per quarantined row and rule. Only a row's key is kept. A line that could not be read as a row is identified
-- by its file and line.
create or replace table gate_1.quarantined_row as
{% for table, key in keys.items() -%}
select
    rejection.table_name,
    landed._biz_date as business_date,
    {{ joined_by('|', texts_or('landed', key, '(missing)')) }} as row_key,
    rejection.rule_id,
    rejection.is_first,
    {{ high_bits('rejection._row', row_bits) }} as file_id,
    {{ low_bits('rejection._row', row_bits) }} as row_number,
    cast(null as bigint) as line_number,
    cast(null as varchar) as why
from gate_1.rejection as rejection
inner join landing.{{ table }} as landed on landed._row = rejection._row
where rejection.table_name = '{{ table }}'
union all
{% endfor -%}
select
    table_name,
    business_date,
    {{ joined("file_name, ':', line_number") }} as row_key,
    {{ joined("table_name, '" ~ unreadable_line ~ "'") }} as rule_id,
    true as is_first,
    file_id,
    cast(null as bigint) as row_number,
    line_number,
    why
from landing.unreadable_line;
