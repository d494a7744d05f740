-- A row a table, row of it and rule that quarantines it. The rejections of a table are added in the order of its rules.
create or replace table gate_1.rejection (
    table_name varchar,
    _row bigint,
    rule_id varchar,
    rule_position integer,
    is_first boolean
);
