with

customer as (
    select * from {{ ref('int_customer__own_amounts') }}
),

distance as (
    select * from {{ ref('int_decision__tier_distances') }}
),

run_context as (
    select
        {{ period_end('month', 'policy_month') }} as month_end,
        {{ parameter('near_threshold_share') }} as near_share
    from {{ ref('stg_run__context') }}
),

-- A little more leads to the next tier; a little less loses the one that the own measure gives.
final as (
    select
        'near_next_tier' as action_kind,
        distance.customer_id,
        run_context.month_end as due_on,
        1 as items,
        distance.amount_to_next_tier as amount
    from distance
    cross join run_context
    where distance.amount_to_next_tier <= run_context.near_share * distance.next_entry_bound
    union all
    select
        'falling_below' as action_kind,
        customer.customer_id,
        run_context.month_end as due_on,
        1 as items,
        customer.own_amount - distance.own_entry_bound as amount
    from customer
    cross join run_context
    inner join distance on distance.customer_id = customer.customer_id
    where
        (
            customer.own_amount > distance.own_entry_bound
            or (customer.own_amount = distance.own_entry_bound and distance.own_entry_is_included)
        )
        and customer.own_amount - distance.own_entry_bound <= run_context.near_share * distance.own_entry_bound
)

select * from final
