with

phone as (
    select * from {{ ref('stg_landing__customer_phone') }}
),

reason as (
    {{ rows_in_force('policy_red_list_reason') }}
),

-- Many customers of one outlet may share a number: each number is judged once.
number as (
    select
        phone_number,
        count(*) as customers
    from phone
    where phone_number is not null
    group by phone_number
),

well_formed as (
    {{ matched_whole('number', 'phone_number', 'reason', 'number_pattern') }}
),

-- The first reason why a number can't be called.
judged as (
    select
        number.phone_number,
        reason.reason
    from number
    cross join reason
    left join well_formed
        on well_formed.pattern = reason.number_pattern and well_formed.text = number.phone_number
    where
        number.customers > reason.customers_limit
        or (reason.number_pattern is not null and well_formed.text is null)
    qualify row_number() over (partition by number.phone_number order by reason.priority) = 1
),

no_number as (
    select reason
    from reason
    where number_pattern is null and customers_limit is null
    qualify row_number() over (order by priority) = 1
),

final as (
    select
        phone.customer_id,
        case when phone.phone_number is null then no_number.reason else judged.reason end as reason
    from phone
    left join judged on judged.phone_number = phone.phone_number
    left join no_number on phone.phone_number is null
)

select * from final
