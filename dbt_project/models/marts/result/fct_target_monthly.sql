with

org_period as (
    select * from {{ ref('int_result__org_periods') }}
),

org_day as (
    select * from {{ ref('int_result__org_days') }}
),

person_period as (
    select * from {{ ref('int_result__person_periods') }}
),

kpi as (
    select * from {{ ref('fct_kpi_monthly') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

period as (
    {% for relation, kind in {'org_period': 'org', 'org_day': 'org', 'person_period': 'employee'}.items() -%}
    select
        *,
        '{{ kind }}' as subject_kind,
        {{ kind }}_id as subject_id
    from {{ relation }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

-- Of the periods in hand, and only where the value is of a month in them.
compared as (
    select
        period.*,
        {{ as_money(
            "case period.period_kind when 'year' then kpi.year_to_date when 'quarter' then kpi.quarter_to_date "
            ~ 'else kpi.month_to_date end'
        ) }} as actual
    from period
    left join kpi
        on
            period.target_to_date is not null
            and kpi.subject_kind = period.subject_kind
            and kpi.subject_id = period.subject_id
            and kpi.metric = period.metric
            and kpi.value_month >= period.period_start
            and kpi.value_month <= period.period_end
),

final as (
    select
        run_context.policy_month,
        compared.org_id,
        compared.metric,
        compared.employee_id,
        compared.period_kind,
        compared.period_start,
        compared.period_end,
        cast(compared.target as decimal(18, 2)) as target,
        cast(compared.target_to_date as decimal(18, 2)) as target_to_date,
        compared.actual,
        {{ ratio('compared.actual', 'compared.target_to_date') }} as run_rate
    from compared
    cross join run_context
)

select * from final
