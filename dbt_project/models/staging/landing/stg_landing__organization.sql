with

organization as (
    select * from {{ source('accepted', 'organization') }}
),

final as (
    select
        org_id,
        parent_org_id,
        org_level,
        org_name
    from organization
)

select * from final
