with

peer as (
    select * from {{ ref('int_result__peers') }}
),

scored as (
    select * from {{ ref('int_result__scores') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        peer.subject_kind,
        peer.subject_id,
        scored.compare,
        peer.peer_group,
        peer.peers,
        scored.score,
        case
            when scored.score is not null
                then rank() over (
                    partition by peer.subject_kind, peer.peer_group, scored.compare
                    order by scored.score desc nulls last
                )
        end as rank
    from peer
    cross join run_context
    inner join scored on scored.subject_kind = peer.subject_kind and scored.subject_id = peer.subject_id
)

select * from final
