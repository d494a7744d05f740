with

at_outlet as (
    select * from {{ ref('int_customer__concentration_outlets') }}
),

upper_level as (
    select * from {{ ref('int_organization__upper_levels') }}
),

total as (
    select * from {{ ref('int_customer__concentration_totals') }}
),

concentration as (
    {{ rows_in_force('policy_concentration') }}
),

-- A band has its row where nobody is in it, too.
entry as (
    select
        upper_level.upper_org_id as org_id,
        at_outlet.segment,
        at_outlet.measure,
        at_outlet.group_kind,
        at_outlet.group_code,
        at_outlet.customers,
        at_outlet.amount
    from at_outlet
    inner join upper_level on upper_level.org_id = at_outlet.lead_org_id
    union all
    select
        total.org_id,
        total.segment,
        total.measure,
        concentration.group_kind,
        concentration.group_code,
        0 as customers,
        0 as amount
    from total
    inner join concentration on concentration.segment = total.segment and concentration.group_kind = 'band'
),

final as (
    select
        org_id,
        segment,
        measure,
        group_kind,
        group_code,
        sum(customers) as customers,
        sum(amount) as amount
    from entry
    group by org_id, segment, measure, group_kind, group_code
)

select * from final
