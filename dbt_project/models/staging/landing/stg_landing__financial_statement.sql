with

financial_statement as (
    select * from {{ source('accepted', 'financial_statement') }}
),

final as (
    select
        customer_id,
        period_end,
        report_kind,
        total_assets
    from financial_statement
)

select * from final
