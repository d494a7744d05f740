with

category as (
    select * from {{ ref('ref_category') }}
),

card_grade as (
    select * from {{ ref('ref_card_grade') }}
),

tier as (
    {{ rows_in_force('policy_tier') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

route as (
    {{ rows_in_force('policy_route') }}
),

metric as (
    {{ rows_in_force('policy_metric') }}
),

role as (
    {{ rows_in_force('policy_role') }}
),

measure as (
    select * from {{ ref('policy_measure') }}
),

final as (
    select vocabulary as code_set, category as code, label_en, label_zh from category
    union all
    select 'card.card_grade' as code_set, card_grade as code, label_en, label_zh from card_grade
    union all
    select 'tier' as code_set, tier.tier_code as code, tier.label_en, tier.label_zh
    from tier
    inner join scheme on scheme.scheme = tier.scheme and scheme.purpose = 'tier'
    union all
    select scheme as code_set, tier_code as code, label_en, label_zh from tier
    union all
    select 'scheme' as code_set, scheme as code, label_en, label_zh from scheme
    union all
    select scheme || '.route' as code_set, route as code, label_en, label_zh from route
    union all
    select 'metric.' || subject_kind as code_set, metric as code, label_en, label_zh from metric
    union all
    select 'role' as code_set, role as code, job_title_en as label_en, job_title_zh as label_zh from role
    union all
    select 'measure' as code_set, measure_id as code, label_en, label_zh from measure
)

select * from final
