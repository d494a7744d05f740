with

former_balance as (
    select * from {{ ref('stg_published__former_balance') }}
),

final as (
    select
        customer_id,
        {% for amount in ['deposit_balance', 'financial_assets'] -%}
        {% set last_amount = loop.last -%}
        {% for months in [1, 3, 6, 12] -%}
        max(case when months_ago = {{ months }} then {{ amount }} end)
            as {{ amount }}_{{ months }}m_ago{{ '' if last_amount and loop.last else ',' }}
        {% endfor -%}
        {% endfor -%}
    from former_balance
    where months_ago in (1, 3, 6, 12)
    group by customer_id
)

select * from final
