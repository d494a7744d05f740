with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

final as (
    {% for segment in ['retail', 'corporate'] -%}
    {% for measure_id in measures_of(segment, 'number') -%}
    select
        customer_id,
        segment,
        '{{ measure_id }}' as measure_id,
        cast({{ measure_id }} as decimal(38, 10)) as number_value,
        cast(null as varchar(60)) as category_value
    from measures
    where segment = '{{ segment }}' and {{ measure_id }} is not null
    union all
    {% endfor -%}
    {% for measure_id in measures_of(segment, 'category') -%}
    select
        customer_id,
        segment,
        '{{ measure_id }}' as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        {{ measure_id }} as category_value
    from measures
    where segment = '{{ segment }}' and {{ measure_id }} is not null
    union all
    {% endfor -%}
    {% endfor -%}
    -- An unknown age is a value that a rule may name (R35).
    select
        customer_id,
        segment,
        'age' as measure_id,
        cast(null as decimal(38, 10)) as number_value,
        'unknown' as category_value
    from measures
    where segment = 'retail' and age is null
)

select * from final
