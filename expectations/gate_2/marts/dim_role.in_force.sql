with both_sides as (
    select
        role,
        role_group,
        staff_sequence,
        label_en,
        label_zh,
        1 as n
    from {{ batch }}
    union all
    select
        role,
        role_group,
        staff_sequence,
        job_title_en,
        job_title_zh,
        -1 as n
    from gate_2.in_force.policy_role
)

select role
from both_sides
group by role, role_group, staff_sequence, label_en, label_zh
having sum(n) <> 0
