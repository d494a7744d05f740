-- Groups of n peers, each with n beside it, so that n goes into the rows of a role that have n.
with sized as (
    select
        employee_id,
        peers,
        peer_median_contacts,
        count(*) over (partition by role, peers) as alike
    from {{ batch }}
)

select employee_id
from sized
where
    peers < 1
    or alike % peers <> 0
    or (peers >= {{ policy.peer_minimum }}) <> (peer_median_contacts is not null)
