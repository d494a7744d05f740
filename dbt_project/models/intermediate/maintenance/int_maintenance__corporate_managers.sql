with

relation as (
    select * from {{ ref('int_maintenance__relations') }}
    where relation = 'manager'
),

customer as (
    select * from {{ ref('int_customer__segments') }}
    where segment = 'corporate'
),

final as (
    select
        relation.customer_id,
        relation.employee_id
    from relation
    inner join customer on customer.customer_id = relation.customer_id
)

select * from final
