with

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

-- The nearest branch on the way up, else the last organisation of the way.
final as (
    select
        org_id,
        ancestor_org_id as branch_org_id
    from ancestors
    qualify
        row_number() over (
            partition by org_id
            order by
                case when ancestor_level = 'branch' then distance end nulls last, distance desc nulls last
        ) = 1
)

select * from final
