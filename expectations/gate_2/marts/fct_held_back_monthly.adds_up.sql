with both_sides as (
    select
        customer_id,
        table_name,
        rule_id,
        rows_held,
        1 as n
    from {{ batch }}
    union all
    select
        held.customer_id,
        held.table_name,
        held.rule_id,
        held.rows_held,
        -1 as n
    from scratch.gate_1.held_back as held
    inner join scratch.accepted.customer as customer on customer.customer_id = held.customer_id
)

select customer_id
from both_sides
group by customer_id, table_name, rule_id, rows_held
having sum(n) <> 0
