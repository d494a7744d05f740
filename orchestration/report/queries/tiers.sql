-- One row per scope, segment and tier: customers and assets now and before. customers = customers_before + arrived +
-- risen + fallen - gone; a customer who came from another scope arrived, and one who went there is gone.
with

scope as (
    select * from report_scope
),

flow as (
    select * from report_flow
),

placed as (
    select
        coalesce(now_in.scope_id, before_in.scope_id) as scope_id,
        flow.segment,
        flow.tier_code,
        flow.tier_movement,
        flow.segment_before,
        flow.tier_code_before,
        flow.customers,
        flow.financial_assets,
        flow.financial_assets_before,
        now_in.scope_id is not null as is_now,
        before_in.scope_id is not null as was_before,
        is_now and was_before and flow.segment = flow.segment_before as was_here
    from flow
    inner join scope as now_in on now_in.org_id = flow.org_id
    left join scope as before_in on before_in.org_id = flow.org_id_before and before_in.scope_id = now_in.scope_id
    union all
    select
        before_in.scope_id,
        flow.segment,
        flow.tier_code,
        flow.tier_movement,
        flow.segment_before,
        flow.tier_code_before,
        flow.customers,
        flow.financial_assets,
        flow.financial_assets_before,
        false as is_now,
        true as was_before,
        false as was_here
    from flow
    inner join scope as before_in on before_in.org_id = flow.org_id_before
    left join scope as now_in on now_in.org_id = flow.org_id and now_in.scope_id = before_in.scope_id
    where now_in.scope_id is null
),

sided as (
    select
        scope_id,
        segment,
        tier_code,
        customers,
        financial_assets,
        0 as customers_before,
        0 as financial_assets_before,
        case when not was_here then customers else 0 end as arrived,
        case when was_here and tier_code <> tier_code_before and tier_movement = 'up' then customers else 0 end
            as risen,
        case when was_here and tier_code <> tier_code_before and tier_movement <> 'up' then customers else 0 end
            as fallen,
        0 as gone
    from placed
    where is_now
    union all
    select
        scope_id,
        segment_before,
        tier_code_before,
        0 as customers,
        0 as financial_assets,
        customers as customers_before,
        financial_assets_before,
        0 as arrived,
        0 as risen,
        0 as fallen,
        case when was_here and tier_code = tier_code_before then 0 else customers end as gone
    from placed
    where was_before
),

final as (
    select
        scope_id,
        segment,
        tier_code,
        sum(customers)::bigint as customers,
        sum(financial_assets) as financial_assets,
        sum(customers_before)::bigint as customers_before,
        sum(financial_assets_before) as financial_assets_before,
        sum(arrived)::bigint as arrived,
        sum(risen)::bigint as risen,
        sum(fallen)::bigint as fallen,
        sum(gone)::bigint as gone
    from sided
    group by scope_id, segment, tier_code
)

select * from final
order by scope_id, segment, tier_code
