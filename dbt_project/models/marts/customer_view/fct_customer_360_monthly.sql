with

customer as (
    select * from {{ ref('int_customer__segments') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

-- One row a customer or none, each under the last part of its name.
{% set parts = [
    'int_customer__channels', 'int_customer__depths', 'int_customer__contribution_windows',
    'int_customer__former_balances', 'int_customer__churn', 'int_customer__contacts', 'int_customer__red_list',
    'int_customer__profiles', 'int_customer__statement_ages', 'int_customer__links', 'int_customer__stars'
] -%}
{% for part in parts -%}
{{ part.split('__')[1] }} as (
    select * from {{ ref(part) }}
),

{% endfor -%}
run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        run_context.business_date as as_of_date,
        customer.customer_id,
        customer.segment,
        customer.lead_org_id,
        held.tier_code,
        channels.is_new_corporate,
        channels.is_institution,
        channels.is_borrower,
        cast(coalesce(depths.product_depth, 0) as integer) as product_depth,
        cast(coalesce(depths.service_depth, 0) as integer) as service_depth,
        {% for amount in ['revenue', 'economic_capital_return'] -%}
        {% for months in [3, 6, 12] -%}
        {{ as_money('contribution_windows.' ~ amount ~ '_' ~ months ~ 'm') }} as {{ amount }}_{{ months }}m,
        {% endfor -%}
        {% endfor -%}
        {% for amount in ['deposit_balance', 'financial_assets'] -%}
        {% for months in [1, 3, 6, 12] -%}
        former_balances.{{ amount }}_{{ months }}m_ago,
        {% endfor -%}
        {% endfor -%}
        churn.drop_share,
        coalesce(churn.is_churned, false) as is_churned,
        contacts.last_contact_on,
        cast(
            case
                when held.tier_code in {{ listed('high_level_tier') }} then coalesce(contacts.high_level_visits, 0)
            end as integer
        ) as high_level_visits,
        red_list.reason as red_list_reason,
        red_list.listed_since as red_list_since,
        profiles.profile_completeness,
        profiles.data_confidence,
        channels.settlement_share,
        statement_ages.statement_period_end,
        statement_ages.is_statement_stale,
        coalesce(links.linked_customers, 0) as linked_customers,
        cast(coalesce(links.linked_financial_assets, 0) as decimal(38, 2)) as linked_financial_assets,
        cast(coalesce(links.linked_loan_balance, 0) as decimal(38, 2)) as linked_loan_balance,
        stars.region_star
    from customer
    cross join run_context
    inner join held on held.customer_id = customer.customer_id
    {% for part in parts -%}
    {% set name = part.split('__')[1] -%}
    left join {{ name }} on {{ name }}.customer_id = customer.customer_id
    {% endfor -%}
)

select * from final
