with

appraisal_score as (
    select * from {{ ref('stg_landing__appraisal_score') }}
),

part as (
    select
        year,
        employee_id,
        max(case when part = 'leader' then score end) as leader_score,
        max(case when part = 'performance' then score end) as performance_score
    from appraisal_score
    group by year, employee_id
),

-- Null unless both parts are there.
final as (
    select
        *,
        cast(leader_score + performance_score as decimal(6, 2)) as total_score
    from part
)

select * from final
