-- The rows of a table that no rule rejects.
create or replace view accepted.{{ table }} as
select
    {% for column in columns -%}
    landed.{{ column }},
    {% endfor -%}
    landed._row,
    landed._biz_date
from landing.{{ table }} as landed
where not exists (
    select 1
    from gate_1.rejection as rejection
    where rejection.table_name = '{{ table }}' and rejection._row = landed._row
);
