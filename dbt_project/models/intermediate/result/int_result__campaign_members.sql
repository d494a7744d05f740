with

member as (
    select * from {{ ref('stg_landing__campaign_member') }}
),

campaign as (
    select * from {{ ref('stg_landing__campaign') }}
),

customer as (
    select * from {{ ref('stg_landing__customer') }}
    where customer_kind in {{ listed('consent_customer_kind') }}
),

run_context as (
    select
        business_date,
        {{ parameter('conversion_days') }} as conversion_days
    from {{ ref('stg_run__context') }}
),

-- A customer who is gone stays a member; who has not consented is known of today's customers only.
judged as (
    select
        member.campaign_id,
        member.is_control,
        coalesce(member.contacted_on <= run_context.business_date, false) as is_contacted,
        coalesce(
            member.converted_on <= run_context.business_date
            and member.converted_on >= campaign.starts_on
            and member.converted_on <= {{ add_days('campaign.ends_on', 'run_context.conversion_days') }},
            false
        ) as is_converted,
        coalesce(not customer.has_marketing_consent, false) as is_without_consent
    from member
    cross join run_context
    inner join campaign on campaign.campaign_id = member.campaign_id
    left join customer on customer.customer_id = member.customer_id
),

{% set counts = {
    'targeted': 'not is_control',
    'contacted': 'not is_control and is_contacted',
    'contacted_without_consent': 'not is_control and is_contacted and is_without_consent',
    'converted': 'not is_control and is_converted',
    'controls': 'is_control',
    'controls_contacted': 'is_control and is_contacted',
    'controls_converted': 'is_control and is_converted',
} -%}
final as (
    select
        {% for count, condition in counts.items() -%}
        count(case when {{ condition }} then 1 end) as {{ count }},
        {% endfor -%}
        campaign_id
    from judged
    group by campaign_id
)

select * from final
