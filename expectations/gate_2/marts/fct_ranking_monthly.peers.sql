-- A subject is one of its peers, and everybody of a group is told the same number of them.
select
    peer_group,
    compare
from {{ batch }}
group by subject_kind, peer_group, compare
having count(*) <> min(peers) or count(*) <> max(peers)
