-- The rule that quarantines the most rows of a table.
with rejected as (
    select rule_id
    from gate_1.rejection
    where is_first and table_name = '{{ table }}'
    union all
    select '{{ table }}{{ unreadable_line }}' as rule_id
    from landing.unreadable_line
    where table_name = '{{ table }}'
)

select
    rule_id,
    count(*) as n
from rejected
group by rule_id
order by n desc, rule_id asc
limit 1
