with

customer as (
    select * from {{ ref('int_customer__segments') }}
    where segment = 'corporate'
),

size_measure as (
    select * from {{ ref('int_customer__size_measures') }}
),

contribution as (
    select * from {{ ref('int_customer__contributions') }}
),

standing as (
    select * from {{ ref('int_customer__corporate_standing') }}
),

-- Of the size bases, only the one that decides the customer's size is one of its measures (R46, R48).
final as (
    select
        customer.customer_id,
        size_measure.measure_id as size_basis,
        {% for basis in ['total_assets', 'registered_capital'] -%}
        cast(
            case when size_measure.measure_id = '{{ basis }}' then size_measure.number_value end as decimal(38, 10)
        ) as {{ basis }},
        {% endfor -%}
        case when size_measure.measure_id = 'administrative_level' then size_measure.category_value end
            as administrative_level,
        cast(contribution.economic_capital_return_12m as decimal(38, 10)) as economic_capital_return_12m,
        cast(contribution.revenue_12m as decimal(38, 10)) as revenue_12m,
        {{ full_decimal('standing.settlement_share') }} as settlement_share,
        {{ full_decimal('standing.related_party_share') }} as related_party_share,
        cast(standing.profit_margin_lead as decimal(38, 10)) as profit_margin_lead,
        standing.market_position,
        standing.credit_rating,
        standing.strategic_agreement,
        standing.bad_record
    from customer
    left join size_measure on size_measure.customer_id = customer.customer_id
    left join contribution on contribution.customer_id = customer.customer_id
    left join standing on standing.customer_id = customer.customer_id
)

select * from final
