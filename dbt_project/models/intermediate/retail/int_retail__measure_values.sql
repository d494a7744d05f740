{{ config(materialized="view") }}

with

measures as (
    select * from {{ ref('int_customer__measures') }}
    where segment = 'retail'
),

final as (
    {% for measure_id in [
        'financial_assets', 'deposit_balance', 'card_spend_12m', 'loan_balance', 'custody_margin_balance'
    ] -%}
    select
        customer_id,
        '{{ measure_id }}' as measure_id,
        cast({{ measure_id }} as decimal(38, 10)) as number_value,
        cast(null as varchar(60)) as category_value
    from measures
    union all
    {% endfor -%}
    {% for measure_id in ['best_card_grade', 'wealth_admission'] -%}
    select
        customer_id,
        '{{ measure_id }}' as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        {{ measure_id }} as category_value
    from measures
    where {{ measure_id }} is not null
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final
