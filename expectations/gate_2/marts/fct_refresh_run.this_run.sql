with counted as (
    select
        sum(received) as received,
        sum(accepted) as accepted,
        sum(quarantined) as quarantined
    from scratch.gate_1.row_count
),

both_sides as (
    select
        run_id,
        business_date,
        known_on,
        code_version,
        policy_version,
        input_fingerprint,
        rows_received,
        rows_accepted,
        rows_quarantined,
        1 as n
    from {{ batch }}
    union all
    select
        run_id,
        business_date,
        known_on,
        code_version,
        policy_version,
        input_fingerprint,
        rows_received,
        rows_accepted,
        rows_quarantined,
        -1 as n
    from scratch.published.refresh_run
    union all
    select
        run.run_id,
        run.business_date,
        run.known_on,
        run.code_version,
        run.policy_version,
        run.input_fingerprint,
        counted.received,
        counted.accepted,
        counted.quarantined,
        -1 as n
    from scratch.run.context as run
    cross join counted
)

select run_id
from both_sides
group by
    run_id,
    business_date,
    known_on,
    code_version,
    policy_version,
    input_fingerprint,
    rows_received,
    rows_accepted,
    rows_quarantined
having sum(n) <> 0
