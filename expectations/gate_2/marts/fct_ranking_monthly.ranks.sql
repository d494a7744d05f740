-- A rank is one more than the peers with a greater score; a score is between 0 and 1.
select
    ranked.subject_id,
    ranked.compare
from {{ batch }} as ranked
left join {{ batch }} as peer
    on
        peer.subject_kind = ranked.subject_kind
        and peer.peer_group = ranked.peer_group
        and peer.compare = ranked.compare
        and peer.score > ranked.score
group by ranked.subject_kind, ranked.subject_id, ranked.compare, ranked.rank, ranked.score
having
    ranked.rank is distinct from case when ranked.score is not null then count(peer.subject_id) + 1 end
    or ranked.score not between 0 and 1
