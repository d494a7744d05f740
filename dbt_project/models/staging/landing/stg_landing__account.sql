with

account as (
    select * from {{ source('accepted', 'account') }}
),

rate as (
    select * from {{ ref('stg_landing__cny_rate') }}
),

final as (
    select
        account.account_id,
        account.currency,
        account.customer_id,
        account.product_type,
        account.status,
        account.matures_on,
        {{ in_cny('account.balance', 'rate.cny_per_unit') }} as balance_cny,
        {{ in_cny('account.balance_mtd_average', 'rate.cny_per_unit') }} as balance_mtd_average_cny
    from account
    inner join rate on rate.currency = account.currency
)

select * from final
