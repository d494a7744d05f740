with

target as (
    select * from {{ source('accepted', 'target') }}
),

final as (
    select
        org_id,
        metric,
        year,
        amount
    from target
)

select * from final
