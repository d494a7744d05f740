select _row
from {{ batch }}
where
    coalesce({{ without_white_space('situation') }}, '') = ''
    or coalesce({{ without_white_space('goals') }}, '') = ''
    or coalesce({{ without_white_space('strategy') }}, '') = ''
    or coalesce({{ without_white_space('implementation') }}, '') = ''
    or coalesce({{ without_white_space('feedback_channel') }}, '') = ''
