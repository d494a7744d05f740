with

fx_rate as (
    select * from {{ source('accepted', 'fx_rate') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- The base currency has the rate 1, whatever a delivered row says.
base_currency as (
    select
        base_currency as currency,
        cast(1 as decimal(18, 8)) as cny_per_unit
    from run_context
),

foreign_currency as (
    select
        fx_rate.currency,
        fx_rate.cny_per_unit
    from fx_rate
    cross join run_context
    where fx_rate.currency <> run_context.base_currency
),

final as (
    select * from base_currency
    union all
    select * from foreign_currency
)

select * from final
