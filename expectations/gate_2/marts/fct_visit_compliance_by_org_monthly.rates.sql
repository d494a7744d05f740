select org_id
from {{ batch }}
where
    compliance_rate is distinct from {{ ratio('met', 'met + open + missed') }}
    or contact_completion_rate is distinct from {{ ratio('credited_contacts', 'required_contacts') }}
    or compliance_rate_without_doubtful is distinct from {{ ratio('met_without_doubtful', 'met + open + missed') }}
