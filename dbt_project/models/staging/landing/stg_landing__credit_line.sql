with

credit_line as (
    select * from {{ source('accepted', 'credit_line') }}
),

rate as (
    select * from {{ ref('stg_landing__cny_rate') }}
),

final as (
    select
        credit_line.credit_line_id,
        credit_line.customer_id,
        credit_line.valid_from,
        credit_line.valid_to,
        {{ in_cny('credit_line.target_amount', 'rate.cny_per_unit') }} as target_cny,
        {{ in_cny('credit_line.approved_amount', 'rate.cny_per_unit') }} as approved_cny
    from credit_line
    inner join rate on rate.currency = credit_line.currency
)

select * from final
