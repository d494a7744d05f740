with

tier_or_band as (
    select * from {{ ref('int_customer__concentration_groups') }}
),

top_share as (
    select * from {{ ref('int_customer__concentration_tops') }}
),

total as (
    select * from {{ ref('int_customer__concentration_totals') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

customer_group as (
    select * from tier_or_band
    union all
    select * from top_share
),

final as (
    select
        run_context.policy_month,
        customer_group.org_id,
        customer_group.segment,
        customer_group.measure,
        customer_group.group_kind,
        customer_group.group_code,
        cast(customer_group.customers as bigint) as customers,
        cast(customer_group.amount as decimal(38, 2)) as value,
        {{ ratio('customer_group.customers', 'total.customers') }} as share_of_customers,
        case when total.amount > 0 then {{ ratio('customer_group.amount', 'total.amount') }} end as share_of_value
    from customer_group
    cross join run_context
    inner join total
        on
            total.org_id = customer_group.org_id
            and total.segment = customer_group.segment
            and total.measure = customer_group.measure
)

select * from final
