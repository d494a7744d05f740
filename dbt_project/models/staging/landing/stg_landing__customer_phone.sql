with

customer as (
    select * from {{ source('accepted', 'customer') }}
),

cleaned as (
    select
        customer_id,
        {{ without_white_space("replace(mobile_phone, '-', '')") }} as phone_number
    from customer
),

-- Without one leading country code. The number ends here and in the models that judge it; no mart has it.
final as (
    select
        customer_id,
        nullif(
            case when phone_number like '+86%' then substr(phone_number, 4) else phone_number end, ''
        ) as phone_number
    from cleaned
)

select * from final
