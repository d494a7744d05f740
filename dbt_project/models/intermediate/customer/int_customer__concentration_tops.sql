with

curve as (
    select * from {{ ref('int_customer__concentration_curves') }}
),

total as (
    select * from {{ ref('int_customer__concentration_totals') }}
),

concentration as (
    {{ rows_in_force('policy_concentration') }}
),

-- How many customers the greatest amounts are those of: a share of all, rounded up.
asked as (
    select
        total.org_id,
        total.segment,
        total.measure,
        concentration.group_kind,
        concentration.group_code,
        {{ ceiling('concentration.top_share * total.customers') }} as customers
    from total
    inner join concentration on concentration.segment = total.segment and concentration.group_kind = 'top'
),

-- Of the last amount only as many customers as are still missing.
final as (
    select
        asked.org_id,
        asked.segment,
        asked.measure,
        asked.group_kind,
        asked.group_code,
        asked.customers,
        sum(
            curve.amount * case
                when curve.customers_from_top <= asked.customers then curve.customers
                else asked.customers - curve.customers_from_top + curve.customers
            end
        ) as amount
    from asked
    inner join curve
        on curve.org_id = asked.org_id and curve.segment = asked.segment and curve.measure = asked.measure
    where curve.customers_from_top - curve.customers < asked.customers
    group by
        asked.org_id, asked.segment, asked.measure, asked.group_kind, asked.group_code, asked.customers
)

select * from final
