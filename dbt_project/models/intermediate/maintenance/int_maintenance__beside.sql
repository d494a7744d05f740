with

people as (
    select * from {{ ref('int_maintenance__people') }}
),

beside_role as (
    {{ rows_in_force('policy_beside_role') }}
),

final as (
    select
        people.org_id,
        beside_role.tier_code,
        min(people.employee_id) as employee_id
    from people
    inner join beside_role on beside_role.role = people.role
    group by people.org_id, beside_role.tier_code
)

select * from final
