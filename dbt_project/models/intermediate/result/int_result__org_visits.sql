with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

visit as (
    select * from {{ ref('stg_landing__visit') }}
),

signal as (
    select * from {{ ref('fct_visit_signal_monthly') }}
    where is_doubtful
),

doubtful_row as (
    select distinct
        visit_id,
        employee_id
    from signal
),

ancestors as (
    select * from {{ ref('int_organization__ancestors') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- A visit once for each lead outlet of its customers, doubtful if one of its rows there is.
outlet_visit as (
    select
        customer.lead_org_id,
        visit.visit_id,
        max(case when doubtful_row.visit_id is null then 0 else 1 end) as doubtful
    from visit
    cross join run_context
    inner join customer on customer.customer_id = visit.customer_id
    left join doubtful_row on doubtful_row.visit_id = visit.visit_id and doubtful_row.employee_id = visit.employee_id
    where visit.visited_on >= run_context.policy_month and visit.visited_on <= run_context.business_date
    group by customer.lead_org_id, visit.visit_id
),

-- Once for each organisation, though the rows of a visit may name customers of several outlets.
org_visit as (
    select
        ancestors.ancestor_org_id as org_id,
        outlet_visit.visit_id,
        max(outlet_visit.doubtful) as doubtful
    from outlet_visit
    inner join ancestors on ancestors.org_id = outlet_visit.lead_org_id
    group by ancestors.ancestor_org_id, outlet_visit.visit_id
),

final as (
    select
        org_id,
        count(*) as visits,
        sum(doubtful) as doubtful_visits
    from org_visit
    group by org_id
)

select * from final
