with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

loan as (
    select * from {{ ref('stg_landing__loan') }}
),

card as (
    select * from {{ ref('stg_landing__card') }}
),

counted_status as (
    {{ rows_in_force('policy_counted_status') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

counted as (
    select
        customer.lead_org_id,
        loan.principal_cny as npl_balance,
        0 as credit_cards_issued
    from loan
    inner join customer on customer.customer_id = loan.customer_id
    inner join counted_status on counted_status.table_name = 'loan' and counted_status.status = loan.status
    where loan.risk_class in {{ listed('non_performing_risk_class') }}
    union all
    select
        customer.lead_org_id,
        0 as npl_balance,
        1 as credit_cards_issued
    from card
    cross join run_context
    inner join customer on customer.customer_id = card.customer_id
    where
        card.card_kind in {{ listed('issued_card_kind') }}
        and card.status in {{ listed('issued_card_status') }}
        and card.issued_on >= run_context.policy_month
        and card.issued_on <= run_context.business_date
),

final as (
    select
        lead_org_id,
        sum(npl_balance) as npl_balance,
        sum(credit_cards_issued) as credit_cards_issued
    from counted
    group by lead_org_id
)

select * from final
