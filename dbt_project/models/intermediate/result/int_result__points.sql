with

peer as (
    select * from {{ ref('int_result__peers') }}
    where is_ranked
),

kpi as (
    select * from {{ ref('fct_kpi_monthly') }}
),

ranking as (
    {{ rows_in_force('policy_ranking') }}
),

-- An amount or a rate of growth, negative where less is better.
measured as (
    select
        ranking.rule_id,
        ranking.compare,
        ranking.weight,
        peer.subject_kind,
        peer.subject_id,
        peer.peer_group,
        case when ranking.better = 'low' then -1 else 1 end
        * case ranking.measure when 'value' then kpi.value when 'year_to_date' then kpi.year_to_date end as amount,
        case when ranking.better = 'low' then -1 else 1 end
        * case when ranking.measure = 'growth_rate_year' then kpi.growth_rate_year end as rate
    from ranking
    inner join kpi on kpi.subject_kind = ranking.subject_kind and kpi.metric = ranking.metric
    inner join peer on peer.subject_kind = kpi.subject_kind and peer.subject_id = kpi.subject_id
),

placed as (
    select
        *,
        rank() over (
            partition by rule_id, peer_group order by amount asc nulls last, rate asc nulls last
        ) - 1 as worse,
        count(*) over (partition by rule_id, peer_group, amount, rate) - 1 as equal,
        count(*) over (partition by rule_id, peer_group) - 1 as others
    from measured
    where amount is not null or rate is not null
),

-- A peer with a better value counts nothing, one with an equal value a half; alone, nobody is compared.
final as (
    select
        rule_id,
        compare,
        weight,
        subject_kind,
        subject_id,
        {{ rounded_share('worse * 2 + equal', 'others * 2') }} as points
    from placed
    where others > 0
)

select * from final
