with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

balances as (
    select * from {{ ref('int_customer__balances') }}
),

card_spend as (
    select * from {{ ref('int_customer__card_spend') }}
),

credit as (
    select * from {{ ref('int_customer__credit') }}
),

best_card as (
    select * from {{ ref('int_customer__best_card') }}
),

final as (
    select
        customer.customer_id,
        customer.customer_kind,
        customer.segment,
        customer.size_group,
        customer.lead_org_id,
        customer.opened_on,
        customer.wealth_admission,
        customer.is_co_managed,
        coalesce(balances.financial_assets, 0) as financial_assets,
        coalesce(balances.deposit_balance, 0) as deposit_balance,
        coalesce(balances.custody_margin_balance, 0) as custody_margin_balance,
        coalesce(balances.open_accounts, 0) as open_accounts,
        coalesce(card_spend.card_spend_12m, 0) as card_spend_12m,
        coalesce(credit.loan_balance, 0) as loan_balance,
        coalesce(credit.target_credit_amount, 0) as target_credit_amount,
        coalesce(credit.valid_credit_lines, 0) as valid_credit_lines,
        coalesce(credit.is_credit_customer, false) as is_credit_customer,
        best_card.best_card_grade
    from customer
    left join balances on balances.customer_id = customer.customer_id
    left join card_spend on card_spend.customer_id = customer.customer_id
    left join credit on credit.customer_id = customer.customer_id
    left join best_card on best_card.customer_id = customer.customer_id
)

select * from final
