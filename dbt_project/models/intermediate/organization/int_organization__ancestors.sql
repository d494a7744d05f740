with

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

climbed as (
    {{ all_above('organization', 'org_id', 'parent_org_id') }}
),

final as (
    select
        climbed.node as org_id,
        climbed.above as ancestor_org_id,
        ancestor.org_level as ancestor_level,
        min(climbed.distance) as distance
    from climbed
    inner join organization as ancestor on ancestor.org_id = climbed.above
    group by climbed.node, climbed.above, ancestor.org_level
)

select * from final
