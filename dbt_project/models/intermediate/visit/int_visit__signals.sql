with

signal as (
    {{ rows_in_force('policy_visit_signal') }}
),

shown as (
    select * from {{ ref('int_visit__single_signals') }}
    union all
    select * from {{ ref('int_visit__crowding_signals') }}
    union all
    select * from {{ ref('int_visit__same_minute_signals') }}
    union all
    select * from {{ ref('int_visit__copied_signals') }}
),

final as (
    select
        shown.visit_id,
        shown.employee_id,
        shown.customer_id,
        shown.visited_on,
        shown.signal,
        signal.is_doubtful
    from shown
    inner join signal on signal.signal = shown.signal
)

select * from final
