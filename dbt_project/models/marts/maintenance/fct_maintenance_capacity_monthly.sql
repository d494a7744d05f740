with

assignment as (
    select * from {{ ref('fct_maintenance_assignment_monthly') }}
),

pool as (
    select distinct pool_org_id, role, people from {{ ref('int_maintenance__pools') }}
),

capacity as (
    {{ rows_in_force('policy_capacity') }}
),

-- Every customer once, where it asks for a person: in its pool, or at the lead outlet where there is none.
asked as (
    select
        policy_month,
        coalesce(pool_org_id, lead_org_id) as org_id,
        recommended_role as role,
        max(pool_org_id) as pool_org_id,
        count(*) as customers,
        sum(case when employee_id is not null and not is_role_mismatch then 1 else 0 end) as assigned_matching,
        sum(case when is_role_mismatch then 1 else 0 end) as assigned_other,
        sum(case when employee_id is null then 1 else 0 end) as unassigned
    from assignment
    group by policy_month, coalesce(pool_org_id, lead_org_id), recommended_role
),

needed as (
    select
        asked.*,
        coalesce(pool.people, 0) as people,
        capacity.upper_mark as load_cap,
        {{ ceiling(ratio('asked.customers', 'capacity.upper_mark')) }} as people_needed
    from asked
    inner join capacity on capacity.role = asked.role and capacity.capacity_kind = 'customers'
    left join pool on pool.pool_org_id = asked.pool_org_id and pool.role = asked.role
),

final as (
    select
        policy_month,
        org_id,
        role,
        customers,
        cast(assigned_matching as bigint) as assigned_matching,
        cast(assigned_other as bigint) as assigned_other,
        cast(unassigned as bigint) as unassigned,
        people,
        load_cap,
        people_needed,
        greatest(people_needed - people, 0) as people_short
    from needed
)

select * from final
