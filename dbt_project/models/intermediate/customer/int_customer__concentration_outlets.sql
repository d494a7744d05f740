with

concentration_amount as (
    select * from {{ ref('int_customer__concentration_amounts') }}
),

band as (
    select concentration.* from ({{ rows_in_force('policy_concentration') }}) as concentration
    where concentration.group_kind = 'band'
),

-- Tiers as they come, and the customers whose own measure lies within a band.
grouped as (
    select
        lead_org_id,
        segment,
        measure,
        'tier' as group_kind,
        tier_code as group_code,
        amount
    from concentration_amount
    union all
    select
        concentration_amount.lead_org_id,
        concentration_amount.segment,
        concentration_amount.measure,
        band.group_kind,
        band.group_code,
        concentration_amount.amount
    from concentration_amount
    inner join band
        on
            band.segment = concentration_amount.segment
            and (band.lower is null or concentration_amount.own_amount >= band.lower)
            and (band.upper is null or concentration_amount.own_amount < band.upper)
),

final as (
    select
        lead_org_id,
        segment,
        measure,
        group_kind,
        group_code,
        count(*) as customers,
        sum(amount) as amount
    from grouped
    group by lead_org_id, segment, measure, group_kind, group_code
)

select * from final
