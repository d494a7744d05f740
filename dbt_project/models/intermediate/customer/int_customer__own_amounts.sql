with

measures as (
    select * from {{ ref('int_customer__measures') }}
),

scheme as (
    {{ rows_in_force('policy_scheme') }}
),

-- As published, with two places: what is compared with a former month is rounded as that month was.
final as (
    select
        measures.customer_id,
        measures.segment,
        measures.lead_org_id,
        scheme.own_measure_id,
        {{ as_money(own_amount('scheme.own_measure_id', 'measures')) }} as own_amount
    from measures
    inner join scheme on scheme.segment = measures.segment and scheme.purpose = 'tier'
)

select * from final
