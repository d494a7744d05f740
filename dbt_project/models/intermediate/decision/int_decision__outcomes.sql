with

award as (
    select * from {{ ref('int_decision__awards_stage_2') }}
    where purpose <> 'tier'
    union all
    select * from {{ ref('int_decision__awards_stage_3') }}
),

-- One column per purpose of a scheme; the maintainer is a role for retail customers, a department for corporate ones.
final as (
    select
        customer_id,
        max(case when purpose = 'size' then tier_code end) as size_tier,
        max(case when purpose = 'value' then tier_code end) as value_class,
        max(case when purpose = 'value' and is_assumed then 1 else 0 end) = 1 as is_value_class_assumed,
        max(case when purpose = 'cooperation' then tier_code end) as cooperation_class,
        max(case when purpose = 'cooperation' and is_assumed then 1 else 0 end) = 1 as is_cooperation_class_assumed,
        max(case when purpose = 'maintainer' and segment = 'retail' then tier_code end) as recommended_role,
        max(case when purpose = 'maintainer' and segment = 'corporate' then tier_code end) as maintaining_department,
        max(case when purpose = 'managing_level' then tier_code end) as managing_level
    from award
    group by customer_id
)

select * from final
