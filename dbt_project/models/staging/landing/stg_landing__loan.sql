with

loan as (
    select * from {{ source('accepted', 'loan') }}
),

rate as (
    select * from {{ ref('stg_landing__cny_rate') }}
),

final as (
    select
        loan.loan_id,
        loan.customer_id,
        loan.status,
        loan.risk_class,
        loan.matures_on,
        {{ in_cny('loan.principal_balance', 'rate.cny_per_unit') }} as principal_cny
    from loan
    inner join rate on rate.currency = loan.currency
)

select * from final
