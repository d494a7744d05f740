with

relationship as (
    select * from {{ source('accepted', 'relationship') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        relationship.customer_id,
        relationship.employee_id,
        relationship.relation,
        relationship.since,
        relationship.since <= run_context.business_date as has_begun,
        relationship.since <= run_context.business_date
        and (relationship.until is null or relationship.until > run_context.business_date) as is_in_force
    from relationship
    cross join run_context
)

select * from final
