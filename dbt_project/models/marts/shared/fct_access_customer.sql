with

assignment as (
    select * from {{ ref('int_maintenance__assignments') }}
),

access_right as (
    select * from {{ ref('fct_access_right') }}
),

named as (
    select employee_id, customer_id from assignment
    union
    select credit_employee_id as employee_id, customer_id from assignment
    union
    select beside_employee_id as employee_id, customer_id from assignment
    union
    select specialist_employee_id as employee_id, customer_id from assignment
),

-- Who reads nothing has no customers to read either.
final as (
    select
        named.employee_id,
        named.customer_id
    from named
    where named.employee_id in (select access_right.employee_id from access_right)
)

select * from final
