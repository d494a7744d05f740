with

peer as (
    select * from {{ ref('int_result__peers') }}
),

points as (
    select * from {{ ref('int_result__points') }}
),

ranking as (
    {{ rows_in_force('policy_ranking') }}
),

compared as (
    select distinct
        subject_kind,
        compare
    from ranking
),

-- Weighted over the metrics of the compare for which there are points.
scored as (
    select
        subject_kind,
        subject_id,
        compare,
        {{ rounded_ratio('sum(weight * points)', 'sum(weight)', places=10) }} as score
    from points
    group by subject_kind, subject_id, compare
),

of_compare as (
    select
        peer.subject_kind,
        peer.subject_id,
        compared.compare,
        cast(scored.score as decimal(9, 6)) as score
    from peer
    inner join compared on compared.subject_kind = peer.subject_kind
    left join scored
        on
            scored.subject_kind = peer.subject_kind
            and scored.subject_id = peer.subject_id
            and scored.compare = compared.compare
),

final as (
    select * from of_compare
    union all
    select
        subject_kind,
        subject_id,
        'overall' as compare,
        cast({{ rounded_ratio('sum(score)', 'count(score)') }} as decimal(9, 6)) as score
    from of_compare
    group by subject_kind, subject_id
)

select * from final
