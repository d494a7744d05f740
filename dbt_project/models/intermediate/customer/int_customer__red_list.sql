with

phone_reason as (
    select * from {{ ref('int_customer__phone_reasons') }}
    where reason is not null
),

scope as (
    select * from {{ ref('int_decision__scopes') }}
    where is_in_scope
),

previous as (
    select * from {{ ref('stg_published__previous_red_list') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- Whom the bank cares for and can't reach; listed since the first of the unbroken months.
final as (
    select
        phone_reason.customer_id,
        phone_reason.reason,
        coalesce(previous.red_list_since, run_context.policy_month) as listed_since
    from phone_reason
    cross join run_context
    inner join scope on scope.customer_id = phone_reason.customer_id
    left join previous on previous.customer_id = phone_reason.customer_id
)

select * from final
