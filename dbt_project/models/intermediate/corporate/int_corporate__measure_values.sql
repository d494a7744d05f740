{{ config(materialized="view") }}

with

measures as (
    select * from {{ ref('int_customer__measures') }}
    where segment = 'corporate'
),

final as (
    {% for measure_id in [
        'financial_assets', 'deposit_balance', 'target_credit_amount', 'loan_balance', 'open_accounts',
        'valid_credit_lines'
    ] -%}
    select
        customer_id,
        '{{ measure_id }}' as measure_id,
        cast({{ measure_id }} as decimal(38, 10)) as number_value,
        cast(null as varchar(60)) as category_value
    from measures
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final
