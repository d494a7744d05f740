select evidence.rule_id
from month_in_hand.fct_tier_evidence as evidence
where
    (evidence.is_gap_fill or evidence.is_assumed)
    and evidence.rule_id not in (select gap.rule_id from {{ batch }} as gap)
