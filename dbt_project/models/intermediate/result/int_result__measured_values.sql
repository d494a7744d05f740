with

warehouse as (
    select * from {{ ref('int_result__warehouse_values') }}
),

published as (
    select * from {{ ref('int_result__published_values') }}
),

delivered as (
    select * from {{ ref('int_result__delivered_values') }}
),

warehouse_growth as (
    {{ grown('warehouse', 'published') | indent(4) }}
),

final as (
    select
        *,
        'warehouse' as source
    from warehouse_growth
    union all
    select
        *,
        'delivered' as source
    from delivered
)

select * from final
