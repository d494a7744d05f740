with

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

-- Unrolled, not recursive: a ring in the delivered tree ends here instead of hanging, and not every engine recurses.
{% for step in range(1, var('organization_depth') | int + 1) -%}
step_{{ step }} as (
    {%- if step == 1 %}
    select
        org_id,
        parent_org_id as ancestor_org_id
    from organization
    {%- else %}
    select
        below.org_id,
        organization.parent_org_id as ancestor_org_id
    from step_{{ step - 1 }} as below
    inner join organization on organization.org_id = below.ancestor_org_id
    {%- endif %}
),

{% endfor -%}
every_step as (
    select org_id, org_id as ancestor_org_id, 0 as distance from organization
    {%- for step in range(1, var('organization_depth') | int + 1) %}
    union all
    select org_id, ancestor_org_id, {{ step }} as distance from step_{{ step }}
    {%- endfor %}
),

final as (
    select
        every_step.org_id,
        every_step.ancestor_org_id,
        ancestor.org_level as ancestor_level,
        min(every_step.distance) as distance
    from every_step
    inner join organization as ancestor on ancestor.org_id = every_step.ancestor_org_id
    group by every_step.org_id, every_step.ancestor_org_id, ancestor.org_level
)

select * from final
