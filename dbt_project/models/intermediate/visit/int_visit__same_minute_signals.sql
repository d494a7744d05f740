with

signal as (
    {{ rows_in_force('policy_visit_signal') }}
),

-- Rows that say when and where the employee was.
placed as (
    select
        visit.visit_id,
        visit.employee_id,
        visit.customer_id,
        visit.visited_on,
        visit.started_at,
        visit.place,
        signal.signal,
        signal.threshold
    from {{ ref('int_visit__in_month') }} as visit
    inner join signal on signal.signal = 'same_minute'
    where visit.is_in_person and visit.started_at is not null and visit.place is not null
),

after_the_last as (
    select
        *,
        lag(started_at) over (partition by employee_id order by started_at, visit_id) as last_started_at
    from placed
),

-- Rows closer than the threshold are in one chain of rows that follow each other so closely, so only the rows of a
-- chain are compared with each other.
chained as (
    select
        *,
        sum(case when started_at < {{ add_seconds('last_started_at', 'threshold') }} then 0 else 1 end) over (
            partition by employee_id
            order by started_at, visit_id
            rows between unbounded preceding and current row
        ) as chain
    from after_the_last
),

final as (
    select distinct
        visit.visit_id,
        visit.employee_id,
        visit.customer_id,
        visit.visited_on,
        visit.signal
    from chained as visit
    inner join chained as other
        on
            other.employee_id = visit.employee_id
            and other.chain = visit.chain
            and other.visit_id <> visit.visit_id
            and other.customer_id <> visit.customer_id
            and other.place <> visit.place
            and other.started_at > {{ add_seconds('visit.started_at', '-visit.threshold') }}
            and other.started_at < {{ add_seconds('visit.started_at', 'visit.threshold') }}
)

select * from final
