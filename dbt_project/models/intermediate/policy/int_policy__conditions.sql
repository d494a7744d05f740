with

condition as (
    {% for seed_name in ['policy_tier_rule', 'policy_maintainer'] -%}
    select in_force.*, '{{ seed_name }}' as family
    from ({{ rows_in_force(seed_name) }}) as in_force
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

measured as (
    select
        rule_id,
        count(*) as condition_rows,
        count(distinct case when not is_soft then condition_no end) as hard_conditions,
        min(case when not is_soft then condition_no end) as first_condition_no
    from condition
    group by rule_id
),

final as (
    select
        condition.family,
        condition.rule_id,
        condition.scheme,
        scheme.segment,
        scheme.purpose,
        scheme.stage,
        condition.tier_code,
        condition.route,
        condition.condition_no,
        condition.measure_id,
        condition.lower_bound,
        condition.lower_inclusive,
        condition.upper_bound,
        condition.upper_inclusive,
        condition.category_value,
        condition.is_soft,
        condition.condition_no = measured.first_condition_no and not condition.is_soft as is_first,
        measured.condition_rows = 1 as is_plain,
        measured.hard_conditions,
        condition.clause_ref,
        condition.basis,
        condition.is_gap_fill,
        condition.rationale
    from condition
    inner join scheme on scheme.scheme = condition.scheme
    inner join measured on measured.rule_id = condition.rule_id
)

select * from final
