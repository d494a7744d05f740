-- The points are those delivered of people whom the snapshot has; a total has both parts and a grade.
with both_sides as (
    select
        year,
        employee_id,
        'leader' as part,
        leader_score as score
    from {{ batch }}
    union all
    select
        year,
        employee_id,
        'performance' as part,
        performance_score as score
    from {{ batch }}
    union all
    select
        accepted.year,
        accepted.employee_id,
        accepted.part,
        -accepted.score as score
    from scratch.accepted.appraisal_score as accepted
    inner join marts.dim_employee as employee on employee.employee_id = accepted.employee_id
)

select employee_id
from both_sides
group by year, employee_id, part
having sum(score) <> 0
union all
select employee_id
from {{ batch }}
where
    total_score is distinct from leader_score + performance_score
    or (grade is null) <> (total_score is null)
    or (rule_id is null) <> (total_score is null)
    or (status = 'complete') <> (total_score is not null)
