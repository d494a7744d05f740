with

relationship as (
    select * from {{ ref('stg_landing__relationship') }}
),

employed as (
    select * from {{ ref('stg_landing__employee') }}
    where is_active
),

-- People who are not employed are left out before the earliest is taken.
final as (
    select
        relationship.customer_id,
        relationship.relation,
        relationship.employee_id,
        relationship.since
    from relationship
    inner join employed on employed.employee_id = relationship.employee_id
    where relationship.is_in_force
    qualify
        row_number() over (
            partition by relationship.customer_id, relationship.relation
            order by relationship.since, relationship.employee_id
        ) = 1
)

select * from final
