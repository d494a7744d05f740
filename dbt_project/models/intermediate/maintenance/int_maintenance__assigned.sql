with

customer as (
    select * from {{ ref('int_maintenance__customers') }}
),

taken as (
    select * from {{ ref('int_maintenance__kept') }}
    union all
    select * from {{ ref('int_maintenance__still_allocated') }}
),

place as (
    select * from {{ ref('int_maintenance__places') }}
),

-- Those who are left: the best tier first, then larger assets (R60).
asking as (
    select
        customer.customer_id,
        customer.pool_org_id,
        customer.recommended_role,
        row_number() over (
            partition by customer.pool_org_id, customer.recommended_role
            order by customer.tier_rank asc, customer.financial_assets desc, customer.customer_id asc
        ) as place
    from customer
    left join taken on taken.customer_id = customer.customer_id
    where taken.customer_id is null
),

allocated as (
    select
        asking.customer_id,
        place.employee_id,
        case when place.employee_id is null then 'unassigned' else 'allocated' end as assignment_basis
    from asking
    left join place
        on
            place.pool_org_id = asking.pool_org_id
            and place.role = asking.recommended_role
            and place.place = asking.place
),

final as (
    select * from taken
    union all
    select * from allocated
)

select * from final
