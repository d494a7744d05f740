with both_sides as (
    select
        exception_id,
        subject_kind,
        subject_id,
        rule_id,
        approver,
        1 as n
    from {{ batch }}
    union all
    select
        exception_id,
        subject_kind,
        subject_id,
        rule_id,
        approver,
        -1 as n
    from gate_2.in_force.policy_exception
)

select exception_id
from both_sides
group by exception_id, subject_kind, subject_id, rule_id, approver
having sum(n) <> 0
