with

exception as (
    {{ rows_in_force('policy_exception') }}
),

customer as (
    select * from {{ ref('int_customer__measures') }}
),

-- An outlet's exception holds for the customers that it leads.
final as (
    select
        exception.exception_id,
        exception.rule_id,
        customer.customer_id
    from exception
    inner join customer
        on
            exception.subject_id
            = case exception.subject_kind
                when 'customer' then customer.customer_id
                when 'organization' then customer.lead_org_id
            end
)

select * from final
