with

customer as (
    select * from {{ ref('stg_landing__customer') }}
),

profile as (
    select * from {{ ref('stg_landing__corporate_profile') }}
),

segment_rule as (
    {{ rows_in_force('policy_segment') }}
),

-- A row with an institution type takes precedence over the row for the customer kind alone (R44).
final as (
    select
        customer.customer_id,
        customer.customer_kind,
        customer.lead_org_id,
        customer.opened_on,
        customer.wealth_admission,
        customer.age,
        customer.customer_years,
        coalesce(by_type.segment, by_kind.segment) as segment,
        coalesce(by_type.size_group, by_kind.size_group) as size_group,
        profile.established_on,
        profile.registered_capital,
        profile.administrative_level,
        profile.is_co_managed
    from customer
    left join profile on profile.customer_id = customer.customer_id
    left join segment_rule as by_type
        on
            by_type.customer_kind = customer.customer_kind
            and by_type.institution_type = profile.institution_type
    left join segment_rule as by_kind
        on
            by_kind.customer_kind = customer.customer_kind
            and by_kind.institution_type is null
)

select * from final
