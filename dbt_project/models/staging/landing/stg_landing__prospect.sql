with

prospect as (
    select * from {{ source('accepted', 'prospect') }}
),

final as (
    select
        prospect_id,
        source,
        org_id,
        listed_on,
        contacted_on,
        customer_id
    from prospect
)

select * from final
