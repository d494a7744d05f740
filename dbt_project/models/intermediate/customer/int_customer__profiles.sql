with

segment as (
    select * from {{ ref('int_customer__segments') }}
),

customer as (
    select * from {{ ref('stg_landing__customer') }}
),

phone_reason as (
    select * from {{ ref('int_customer__phone_reasons') }}
),

standing as (
    select * from {{ ref('int_customer__corporate_standing') }}
),

outcome as (
    select * from {{ ref('int_decision__outcomes') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

weight as (
    select * from {{ ref('int_policy__profile_weights') }}
),

-- A number that can't be called is no number, whatever the tier.
known as (
    select
        segment.customer_id,
        segment.segment,
        phone_reason.reason is null as has_mobile_phone,
        customer.has_birth_date,
        customer.has_id_number,
        outcome.size_tier <> scheme.default_tier_code as has_size,
        standing.credit_rating is not null as has_credit_rating
    from segment
    inner join customer on customer.customer_id = segment.customer_id
    left join phone_reason on phone_reason.customer_id = segment.customer_id
    left join standing on standing.customer_id = segment.customer_id
    left join outcome on outcome.customer_id = segment.customer_id
    left join scheme on scheme.segment = segment.segment and scheme.purpose = 'size'
),

weighed as (
    select
        known.customer_id,
        weight.whole,
        {% for field in ['mobile_phone', 'birth_date', 'id_number', 'size', 'credit_rating'] -%}
        case when known.has_{{ field }} then weight.{{ field }} else 0 end{{ ' as filled' if loop.last else ' +' }}
        {% endfor -%}
    from known
    inner join weight on weight.segment = known.segment
),

scored as (
    select
        customer_id,
        {{ rounded_share('filled', 'whole') }} as profile_completeness
    from weighed
),

final as (
    select
        customer_id,
        profile_completeness,
        case
            when profile_completeness >= {{ parameter('confidence_high') }} then 'high'
            when profile_completeness >= {{ parameter('confidence_medium') }} then 'medium'
            else 'low'
        end as data_confidence
    from scored
)

select * from final
