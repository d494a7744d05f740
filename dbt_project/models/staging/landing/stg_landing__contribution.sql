with

contribution as (
    select * from {{ source('accepted', 'contribution') }}
),

final as (
    select
        customer_id,
        month as contribution_month,
        revenue,
        economic_capital_return
    from contribution
)

select * from final
