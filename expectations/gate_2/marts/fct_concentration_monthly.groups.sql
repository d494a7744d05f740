with total as (
    select
        org_id,
        segment,
        measure,
        sum(customers) as customers,
        sum(value) as value
    from {{ batch }}
    where group_kind = 'tier'
    group by org_id, segment, measure
),

both_sides as (
    select
        listed.org_id,
        listed.segment,
        listed.measure,
        listed.group_kind,
        listed.group_code,
        1 as n
    from {{ batch }} as listed
    where listed.group_kind <> 'tier'
    union all
    select
        total.org_id,
        total.segment,
        total.measure,
        wanted.group_kind,
        wanted.group_code,
        -1 as n
    from total
    inner join gate_2.in_force.policy_concentration as wanted on wanted.segment = total.segment
)

select org_id
from both_sides
group by org_id, segment, measure, group_kind, group_code
having sum(n) <> 0
union all
select listed.org_id
from {{ batch }} as listed
inner join total
    on total.org_id = listed.org_id and total.segment = listed.segment and total.measure = listed.measure
left join gate_2.in_force.policy_concentration as wanted
    on
        wanted.segment = listed.segment
        and wanted.group_kind = listed.group_kind
        and wanted.group_code = listed.group_code
where
    listed.share_of_customers is distinct from {{ ratio('listed.customers', 'total.customers') }}
    or listed.share_of_value
    is distinct from case when total.value > 0 then {{ ratio('listed.value', 'total.value') }} end
    or listed.customers <> ceil(wanted.top_share * total.customers)
