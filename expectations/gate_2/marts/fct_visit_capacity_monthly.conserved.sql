with both_sides as (
    select
        role_group,
        duties
    from {{ batch }}
    union all
    select
        role_group,
        -1 as duties
    from month_in_hand.fct_visit_obligation_monthly
    where status <> 'excluded'
)

select role_group
from both_sides
group by role_group
having sum(duties) <> 0
