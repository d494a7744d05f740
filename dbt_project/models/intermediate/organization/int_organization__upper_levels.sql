with

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

-- An organisation and those above it, from a branch up.
final as (
    select
        org_id,
        ancestor_org_id as upper_org_id
    from ancestors
    where ancestor_level in ('branch', 'province_branch', 'head_office')
)

select * from final
