with both_sides as (
    select
        rule_id,
        scheme,
        tier_code,
        condition_no,
        measure_id,
        lower_bound,
        lower_inclusive,
        upper_bound,
        upper_inclusive,
        category_value,
        is_soft,
        clause_ref,
        1 as n
    from {{ batch }}
    union all
    select
        rule_id,
        scheme,
        tier_code,
        condition_no,
        measure_id,
        lower_bound,
        lower_inclusive,
        upper_bound,
        upper_inclusive,
        category_value,
        is_soft,
        clause_ref,
        -1 as n
    from gate_2.in_force.policy_tier_rule
    where scheme in (select scheme.scheme from gate_2.in_force.policy_scheme as scheme)
    union all
    select
        rule_id,
        scheme,
        tier_code,
        condition_no,
        measure_id,
        lower_bound,
        lower_inclusive,
        upper_bound,
        upper_inclusive,
        category_value,
        is_soft,
        clause_ref,
        -1 as n
    from gate_2.in_force.policy_maintainer
    where scheme in (select scheme.scheme from gate_2.in_force.policy_scheme as scheme)
)

select rule_id
from both_sides
group by
    rule_id,
    scheme,
    tier_code,
    condition_no,
    measure_id,
    lower_bound,
    lower_inclusive,
    upper_bound,
    upper_inclusive,
    category_value,
    is_soft,
    clause_ref
having sum(n) <> 0
