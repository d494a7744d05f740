-- Asked only of the measures whose amounts add up to so much over all customers.
create or replace table gate_1.customer_sum as
with large as (
    select
        table_name,
        measure
    from gate_1.customer_amount
    group by table_name, measure
    having not {{ fits_money('sum(amount_cny)') }}
)

select
    row_number() over (order by amount.table_name, amount.measure, amount.customer_id) as _row,
    amount.table_name,
    amount.measure,
    amount.customer_id,
    sum(amount.amount_cny) as amount_cny
from gate_1.customer_amount as amount
inner join large on large.table_name = amount.table_name and large.measure = amount.measure
group by amount.table_name, amount.measure, amount.customer_id
