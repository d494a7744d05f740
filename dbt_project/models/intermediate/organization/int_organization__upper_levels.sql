with

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

-- An organisation and those above it, at the levels for which shares are published.
final as (
    select
        org_id,
        ancestor_org_id as upper_org_id
    from ancestors
    where ancestor_level in {{ listed('concentration_level') }}
)

select * from final
