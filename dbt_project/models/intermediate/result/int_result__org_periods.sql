with

target_month as (
    select * from {{ ref('int_result__target_months') }}
),

target_day as (
    select * from {{ ref('int_result__target_days') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

-- What the month in hand was to bring by the business date.
so_far as (
    select
        target_day.org_id,
        target_day.metric,
        sum(target_day.target) as target
    from target_day
    cross join run_context
    where target_day.calendar_date <= run_context.business_date
    group by target_day.org_id, target_day.metric
),

final as (
    {% for period in ['year', 'quarter', 'month'] -%}
    {% set start = period_start(period, 'target_month.month') -%}
    select
        target_month.org_id,
        target_month.metric,
        'all' as employee_id,
        '{{ period }}' as period_kind,
        {{ start }} as period_start,
        {{ period_end(period, 'target_month.month') }} as period_end,
        sum(target_month.target) as target,
        case
            when {{ start }} = {{ period_start(period, 'run_context.policy_month') }}
                then
                    sum(case when target_month.month < run_context.policy_month then target_month.target else 0 end)
                    + coalesce(max(so_far.target), 0)
        end as target_to_date
    from target_month
    cross join run_context
    left join so_far on so_far.org_id = target_month.org_id and so_far.metric = target_month.metric
    group by target_month.org_id, target_month.metric, {{ start }}, run_context.policy_month
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
)

select * from final
