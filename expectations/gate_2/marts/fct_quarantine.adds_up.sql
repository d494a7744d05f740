with both_sides as (
    select
        table_name,
        rows_counted
    from {{ batch }}
    union all
    select
        table_name,
        accepted - received as rows_counted
    from scratch.gate_1.row_count
)

select table_name
from both_sides
group by table_name
having sum(rows_counted) <> 0
