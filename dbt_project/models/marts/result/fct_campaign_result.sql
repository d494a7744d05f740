with

campaign as (
    select * from {{ ref('stg_landing__campaign') }}
),

organization as (
    select * from {{ ref('stg_landing__organization') }}
),

members as (
    select * from {{ ref('int_result__campaign_members') }}
),

lift as (
    select * from {{ ref('int_result__campaign_lifts') }}
),

run_context as (
    select
        business_date,
        {{ parameter('conversion_days') }} as conversion_days
    from {{ ref('stg_run__context') }}
),

{% set plan_fields = ['situation', 'goals', 'strategy', 'implementation', 'feedback_channel'] -%}
dated as (
    select
        campaign.*,
        run_context.business_date,
        {{ add_days('campaign.ends_on', 'run_context.conversion_days') }} as converts_until,
        {% for field in plan_fields -%}
        case
            when coalesce({{ without_white_space('campaign.' ~ field) }}, '') = '' then ',{{ field }}' else ''
        end {% if loop.last %}as missing{% else %}|| {% endif %}
        {% endfor -%}
    from campaign
    cross join run_context
),

final as (
    select
        dated.campaign_id,
        dated.org_id,
        organization.org_level,
        dated.starts_on,
        dated.ends_on,
        case
            when dated.business_date < dated.starts_on then 'planned'
            when dated.business_date <= dated.ends_on then 'running'
            when dated.business_date <= dated.converts_until then 'converting'
            else 'closed'
        end as status,
        nullif(substr(dated.missing, 2), '') as missing_plan_fields,
        dated.planned_conversions,
        {% for count in [
            'targeted', 'contacted', 'contacted_without_consent', 'converted', 'controls', 'controls_contacted',
            'controls_converted'
        ] -%}
        coalesce(members.{{ count }}, 0) as {{ count }},
        {% endfor -%}
        lift.conversion_rate,
        lift.control_rate,
        lift.lift,
        lift.lift_low,
        lift.lift_high
    from dated
    inner join organization on organization.org_id = dated.org_id
    left join members on members.campaign_id = dated.campaign_id
    left join lift on lift.campaign_id = dated.campaign_id
)

select * from final
