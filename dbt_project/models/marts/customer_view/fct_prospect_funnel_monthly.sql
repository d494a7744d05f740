with

prospect as (
    select * from {{ ref('stg_landing__prospect') }}
),

customer as (
    select * from {{ ref('int_customer__segments') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- An account opened before the prospect was listed is none that the list brought.
followed as (
    select
        run_context.policy_month,
        prospect.org_id,
        prospect.source,
        prospect.contacted_on <= run_context.business_date as is_contacted,
        customer.customer_id,
        held.tier_code
    from prospect
    cross join run_context
    left join customer on customer.customer_id = prospect.customer_id and customer.opened_on >= prospect.listed_on
    left join held on held.customer_id = customer.customer_id
),

final as (
    select
        policy_month,
        org_id,
        source,
        count(*) as prospects,
        count(case when is_contacted then 1 end) as contacted,
        count(customer_id) as opened,
        count(case when tier_code = 'C1' then 1 end) as opened_c1,
        count(case when tier_code = 'C2' then 1 end) as opened_c2,
        count(case when tier_code = 'C3' then 1 end) as opened_c3
    from followed
    group by policy_month, org_id, source
)

select * from final
