with

relationship as (
    select * from {{ ref('stg_landing__relationship') }}
),

employed as (
    select * from {{ ref('stg_landing__employee') }}
    where is_active
),

-- The initial maintainer or referrer keeps the credit while employed, whether the relation has ended or not (R41).
final as (
    select
        relationship.customer_id,
        relationship.employee_id
    from relationship
    inner join employed on employed.employee_id = relationship.employee_id
    where relationship.has_begun and relationship.relation in {{ listed('credit_relation') }}
    qualify
        row_number() over (
            partition by relationship.customer_id order by relationship.since, relationship.employee_id
        ) = 1
)

select * from final
