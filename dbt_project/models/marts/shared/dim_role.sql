with

role as (
    {{ rows_in_force('policy_role') }}
),

final as (
    select
        role,
        role_group,
        staff_sequence,
        job_title_en as label_en,
        job_title_zh as label_zh
    from role
)

select * from final
