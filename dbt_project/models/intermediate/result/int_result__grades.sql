with

scored as (
    select * from {{ ref('int_result__appraisal_scores') }}
    where total_score is not null
),

scheme as (
    {{ rows_in_force('policy_scheme') }} and policy_row.purpose = 'appraisal'
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

band as (
    {{ rows_in_force('policy_score_band') }}
),

condition as (
    select
        band.*,
        scheme.segment,
        tier.tier_rank
    from band
    inner join scheme on scheme.scheme = band.scheme
    inner join tier on tier.scheme = band.scheme and tier.tier_code = band.tier_code
    where not band.is_soft
),

rule as (
    select rule_id, count(distinct condition_no) as conditions from condition
    group by rule_id
),

measured as (
    select
        scored.*,
        scheme.segment,
        'appraisal_score' as measure_id,
        scored.total_score as number_value,
        cast(null as varchar(60)) as category_value
    from scored
    cross join scheme
),

met as (
    select
        measured.year,
        measured.employee_id,
        condition.rule_id,
        condition.tier_code,
        condition.tier_rank,
        condition.is_gap_fill
    from measured
    inner join condition on {{ condition_holds('measured', 'condition') }}
    inner join rule on rule.rule_id = condition.rule_id
    group by
        measured.year, measured.employee_id, condition.rule_id, condition.tier_code, condition.tier_rank,
        condition.is_gap_fill
    having count(distinct condition.condition_no) = max(rule.conditions)
),

-- The best grade; a row of the text goes before one that fills a gap.
final as (
    select
        year,
        employee_id,
        tier_code as grade,
        rule_id,
        is_gap_fill
    from met
    qualify row_number() over (
        partition by year, employee_id order by tier_rank, is_gap_fill nulls last, rule_id nulls last
    ) = 1
)

select * from final
