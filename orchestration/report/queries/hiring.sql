-- One row per organisation that lacks people: for its visits, for the maintenance of its customers, or for both.
with

setting as (
    select * from report_setting
),

visits as (
    select
        capacity.org_id,
        sum(greatest(capacity.people_needed - capacity.people, 0))::bigint as people_short
    from marts.fct_visit_capacity_monthly as capacity
    inner join setting on setting.month_in_hand = capacity.policy_month
    group by capacity.org_id
),

maintenance as (
    select
        capacity.org_id,
        sum(capacity.people_short)::bigint as people_short
    from marts.fct_maintenance_capacity_monthly as capacity
    inner join setting on setting.month_in_hand = capacity.policy_month
    group by capacity.org_id
),

final as (
    select
        coalesce(visits.org_id, maintenance.org_id) as org_id,
        coalesce(visits.people_short, 0) as for_visits,
        coalesce(maintenance.people_short, 0) as for_maintenance
    from visits
    full join maintenance on maintenance.org_id = visits.org_id
)

select * from final
where for_visits > 0 or for_maintenance > 0
order by for_visits + for_maintenance desc, org_id asc
