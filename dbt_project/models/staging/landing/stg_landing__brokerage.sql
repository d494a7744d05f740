with

brokerage as (
    select * from {{ source('accepted', 'brokerage') }}
),

rate as (
    select * from {{ ref('stg_landing__cny_rate') }}
),

final as (
    select
        brokerage.brokerage_account_id,
        brokerage.customer_id,
        brokerage.status,
        {{ in_cny('brokerage.margin_balance', 'rate.cny_per_unit') }} as margin_balance_cny
    from brokerage
    inner join rate on rate.currency = brokerage.currency
)

select * from final
