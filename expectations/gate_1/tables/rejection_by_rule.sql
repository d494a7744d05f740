-- Adds the rows that break a rule, but for those that the rule before it explains.
insert into gate_1.rejection
select
    '{{ table }}' as table_name,
    failing._row,
    '{{ rule }}' as rule_id,
    {{ rule_position }} as rule_position,
    false as is_first
from (select distinct _row from ({{ failing_rows }}) as every_time) as failing
where not exists (
    select 1
    from gate_1.rejection as explained
    where
        explained.table_name = '{{ table }}'
        and explained._row = failing._row
        and explained.rule_id = '{{ explained_by }}'
);
