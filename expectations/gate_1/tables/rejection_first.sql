-- A row is counted once, under its first rule, so the quarantine adds up to the rows it holds.
update gate_1.rejection
set is_first = true
where
    table_name = '{{ table }}'
    and (_row, rule_position) in (
        select
            _row,
            min(rule_position) as rule_position
        from gate_1.rejection
        where table_name = '{{ table }}'
        group by _row
    );
