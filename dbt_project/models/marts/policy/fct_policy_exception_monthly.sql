with

exception as (
    {{ rows_in_force('policy_exception') }}
),

exemption as (
    select * from {{ ref('int_policy__exemptions') }}
),

customer as (
    select * from {{ ref('int_customer__measures') }}
),

duty as (
    select * from {{ ref('int_coverage__duties') }}
    where exclusion_reason = 'exception'
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

covered as (
    select
        exception.exception_id,
        customer.customer_id
    from exception
    inner join exemption on exemption.rule_id = exception.rule_id
    inner join customer
        on
            customer.customer_id = exemption.customer_id
            and exception.subject_id
            = case exception.subject_kind
                when 'customer' then customer.customer_id
                when 'organization' then customer.lead_org_id
            end
),

counted as (
    select
        covered.exception_id,
        count(distinct covered.customer_id) as customers,
        count(duty.customer_id) as excluded_duties
    from covered
    inner join exception on exception.exception_id = covered.exception_id
    left join duty on duty.customer_id = covered.customer_id and duty.rule_id = exception.rule_id
    group by covered.exception_id
),

final as (
    select
        run_context.policy_month,
        exception.exception_id,
        exception.subject_kind,
        exception.subject_id,
        exception.rule_id,
        exception.approver,
        exception.reason,
        exception.clause_ref,
        exception.valid_from,
        exception.valid_to,
        cast(coalesce(counted.customers, 0) as bigint) as customers,
        cast(coalesce(counted.excluded_duties, 0) as bigint) as excluded_duties
    from exception
    cross join run_context
    left join counted on counted.exception_id = exception.exception_id
)

select * from final
