with both_sides as (
    select
        customer_id,
        product_depth
    from {{ batch }}
    union all
    select
        customer_id,
        -1 as product_depth
    from month_in_hand.fct_customer_holding_monthly
)

select customer_id
from both_sides
group by customer_id
having sum(product_depth) <> 0
