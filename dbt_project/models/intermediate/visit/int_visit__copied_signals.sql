with

signal as (
    {{ rows_in_force('policy_visit_signal') }}
),

worded as (
    select
        visit_id,
        employee_id,
        customer_id,
        visited_on,
        lower({{ trimmed('outcome') }}) as words
    from {{ ref('int_visit__in_month') }}
),

long_enough as (
    select
        worded.*,
        signal.signal,
        signal.threshold
    from worded
    inner join signal on signal.signal = 'copied_outcome' and length(worded.words) >= signal.minimum
),

-- A visit has one row per employee, so rows of an employee are visits.
copied as (
    select
        employee_id,
        words
    from long_enough
    group by employee_id, words, threshold
    having count(*) > threshold
),

final as (
    select
        long_enough.visit_id,
        long_enough.employee_id,
        long_enough.customer_id,
        long_enough.visited_on,
        long_enough.signal
    from long_enough
    inner join copied on copied.employee_id = long_enough.employee_id and copied.words = long_enough.words
)

select * from final
