with

reported as (
    select * from {{ ref('int_result__delivered_months') }}
    where source = 'delivered'
),

-- The newest month counts, however old it is.
newest as (
    select
        subject_kind,
        subject_id,
        metric,
        kind,
        value,
        month as value_month
    from reported
    qualify row_number() over (partition by subject_id, metric order by month desc nulls last) = 1
),

final as (
    {{ grown('newest', 'reported') | indent(4) }}
)

select * from final
