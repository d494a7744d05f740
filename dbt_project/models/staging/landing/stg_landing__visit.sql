with

visit as (
    select * from {{ source('accepted', 'visit') }}
),

-- Two times that contradict each other or the day say nothing.
timed as (
    select
        *,
        coalesce(ended_at < started_at, false)
        or coalesce(cast(started_at as date) <> visited_on, false) as is_contradictory
    from visit
),

final as (
    select
        visit_id,
        employee_id,
        customer_id,
        visited_on,
        channel,
        outcome,
        place,
        case when not is_contradictory then started_at end as started_at,
        case when not is_contradictory then ended_at end as ended_at,
        _biz_date as biz_date
    from timed
)

select * from final
