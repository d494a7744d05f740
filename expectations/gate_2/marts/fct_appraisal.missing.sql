-- Of banks that deliver points at all: one that does not would be warned every day.
select appraisal.role
from marts.fct_appraisal as appraisal
where
    appraisal.status = 'overdue'
    and appraisal.leader_score is null
    and appraisal.performance_score is null
    and exists (select 1 from scratch.accepted.appraisal_score)
