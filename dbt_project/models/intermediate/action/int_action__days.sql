with

customer as (
    select * from {{ ref('stg_landing__customer') }}
),

segment as (
    select * from {{ ref('int_customer__own_amounts') }}
),

action as (
    {{ rows_in_force('policy_action') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- A birthday belongs to natural persons; the day on which the customer was opened is none of its anniversaries.
coming as (
    select
        customer_id,
        'birthday' as action_kind,
        next_birthday_on as day
    from customer
    where next_birthday_on is not null and customer_kind in {{ listed('birthday_customer_kind') }}
    union all
    select
        customer_id,
        'anniversary' as action_kind,
        next_anniversary_on as day
    from customer
    where extract(year from next_anniversary_on) > extract(year from opened_on)
),

-- A birthday is due on the Monday of its week, or today: the day itself would publish the birth date.
final as (
    select
        coming.action_kind,
        coming.customer_id,
        case
            when coming.action_kind = 'anniversary' then coming.day
            when {{ week_start('coming.day') }} > run_context.business_date then {{ week_start('coming.day') }}
            else run_context.business_date
        end as due_on,
        1 as items,
        cast(null as decimal(38, 10)) as amount
    from coming
    cross join run_context
    inner join segment on segment.customer_id = coming.customer_id
    inner join action on action.action_kind = coming.action_kind and action.segment = segment.segment
    where coming.day <= {{ add_days('run_context.business_date', 'action.days_ahead') }}
)

select * from final
