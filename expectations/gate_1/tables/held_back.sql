-- One row per table, accepted customer and rule: how many rows of the customer are quarantined. Only accepted customers
-- are listed: no other value of a quarantined row may be shown. Copies of a kept row and lines that could not be read
-- as rows are left out.
create or replace table gate_1.held_back as
with held as (
    {% for table in tables -%}
    select
        rejection.table_name,
        landed.{{ customer }},
        rejection.rule_id
    from gate_1.rejection as rejection
    inner join landing.{{ table }} as landed on landed._row = rejection._row
    where
        rejection.table_name = '{{ table }}'
        and rejection.rule_id <> '{{ table }}.key.duplicate'
    {{ 'union all' if not loop.last }}
    {% endfor %}
)

select
    table_name,
    {{ customer }},
    rule_id,
    count(*) as rows_held
from held
where {{ customer }} in (select {{ customer }} from accepted.customer)
group by table_name, {{ customer }}, rule_id;
