with

size_measures as (
    select * from {{ ref('int_customer__size_measures') }}
),

final as (
    {{ rules_met('size_measures', 'corporate_size') }}
)

select * from final
