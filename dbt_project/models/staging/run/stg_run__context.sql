with

context as (
    select * from {{ source('run', 'context') }}
),

final as (
    select
        business_date,
        {{ month_start('business_date') }} as policy_month,
        base_currency,
        scenario,
        policy_version,
        duties_rest_on
    from context
)

select * from final
