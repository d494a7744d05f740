with

contact as (
    select * from {{ ref('int_coverage__counted_contacts') }}
    where is_in_month
),

employee as (
    select * from {{ ref('stg_landing__employee') }}
),

branch as (
    select * from {{ ref('int_organization__branches') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

counted as (
    select
        employee_id,
        count(distinct visit_id) as counted_contacts,
        count(distinct customer_id) as customers_contacted,
        count(distinct case when is_doubtful then visit_id end) as doubtful_contacts
    from contact
    group by employee_id
),

-- Peers have the same role in the same branch.
compared as (
    select
        employee.role,
        employee.org_id,
        counted.*,
        count(*) over (partition by employee.role, branch.branch_org_id) as peers,
        median(counted.counted_contacts) over (partition by employee.role, branch.branch_org_id) as median_contacts
    from counted
    inner join employee on employee.employee_id = counted.employee_id
    inner join branch on branch.org_id = employee.org_id
),

final as (
    select
        run_context.policy_month,
        compared.employee_id,
        compared.role,
        compared.org_id,
        compared.counted_contacts,
        compared.customers_contacted,
        compared.doubtful_contacts,
        compared.peers,
        case when compared.peers >= {{ parameter('peer_minimum') }} then cast(compared.median_contacts as double) end
            as peer_median_contacts
    from compared
    cross join run_context
)

select * from final
