with

exception as (
    {{ rows_in_force('policy_exception') }}
),

exemption as (
    select * from {{ ref('int_policy__exemptions') }}
),

duty as (
    select * from {{ ref('int_coverage__duties') }}
    where exclusion_reason = 'exception'
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

counted as (
    select
        exemption.exception_id,
        count(distinct exemption.customer_id) as customers,
        count(duty.customer_id) as excluded_duties
    from exemption
    left join duty on duty.customer_id = exemption.customer_id and duty.rule_id = exemption.rule_id
    group by exemption.exception_id
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
