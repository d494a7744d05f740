with

former_balance as (
    select * from {{ ref('stg_published__former_balance') }}
),

final as (
    select
        {% for amount in ['deposit_balance', 'financial_assets'] -%}
        {% for months in [1, 3, 6, 12] -%}
        max(case when months_ago = {{ months }} then {{ amount }} end) as {{ amount }}_{{ months }}m_ago,
        {% endfor -%}
        {% endfor -%}
        customer_id
    from former_balance
    where months_ago in (1, 3, 6, 12)
    group by customer_id
)

select * from final
