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

corporate as (
    select * from {{ ref('int_customer__corporate_measures') }}
),

-- The measures that rules use, one column each, at full precision.
final as (
    select
        customer.customer_id,
        customer.customer_kind,
        customer.segment,
        customer.lead_org_id,
        customer.opened_on,
        customer.is_co_managed,
        {{ full_decimal('balances.financial_assets') }} as financial_assets,
        {{ full_decimal('balances.deposit_balance') }} as deposit_balance,
        {{ full_decimal('balances.custody_margin_balance') }} as custody_margin_balance,
        cast(coalesce(balances.open_accounts, 0) as integer) as open_accounts,
        {{ full_decimal('card_spend.card_spend_12m') }} as card_spend_12m,
        {{ full_decimal('credit.loan_balance') }} as loan_balance,
        {{ full_decimal('credit.target_credit_amount') }} as target_credit_amount,
        cast(coalesce(credit.valid_credit_lines, 0) as integer) as valid_credit_lines,
        best_card.best_card_grade,
        customer.wealth_admission,
        cast(customer.age as integer) as age,
        cast(customer.customer_years as integer) as customer_years,
        corporate.size_basis,
        corporate.total_assets,
        corporate.registered_capital,
        corporate.administrative_level,
        corporate.economic_capital_return_12m,
        corporate.revenue_12m,
        corporate.settlement_share,
        corporate.related_party_share,
        corporate.profit_margin_lead,
        corporate.market_position,
        corporate.credit_rating,
        corporate.strategic_agreement,
        corporate.bad_record
    from customer
    left join balances on balances.customer_id = customer.customer_id
    left join card_spend on card_spend.customer_id = customer.customer_id
    left join credit on credit.customer_id = customer.customer_id
    left join best_card on best_card.customer_id = customer.customer_id
    left join corporate on corporate.customer_id = customer.customer_id
)

select * from final
