with

target as (
    select * from {{ ref('stg_landing__target') }}
),

working_day as (
    select * from {{ ref('int_result__working_days') }}
),

season as (
    {{ rows_in_force('policy_season') }}
),

metric as (
    select distinct metric from target
),

month as (
    select
        month,
        quarter,
        count(*) as working_days
    from working_day
    group by month, quarter
),

-- A row of the metric goes before the one of every metric.
final as (
    select
        metric.metric,
        month.month,
        month.quarter,
        coalesce(of_metric.weight, of_any.weight) * month.working_days as weight
    from metric
    cross join month
    {% for season, metric in {'of_metric': 'metric.metric', 'of_any': "'*'"}.items() -%}
    left join season as {{ season }}
        on
            {{ season }}.month_of_year = extract(month from month.month)
            and {{ season }}.metric = {{ metric }}
    {% endfor -%}
)

select * from final
