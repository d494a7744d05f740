-- Counts of a group are at most the group; a lift lies in its interval, and has one only with both groups.
select campaign_id
from {{ batch }}
where
    contacted > targeted
    or converted > targeted
    or contacted_without_consent > contacted
    or controls_contacted > controls
    or controls_converted > controls
    or conversion_rate is distinct from {{ ratio('converted', 'targeted') }}
    or control_rate is distinct from {{ ratio('controls_converted', 'controls') }}
    or (lift is null) <> (targeted = 0 or controls = 0)
    or lift < lift_low
    or lift > lift_high
    or (lift is null) <> (lift_low is null)
    or (lift is null) <> (lift_high is null)
