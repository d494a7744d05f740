with without_blanks as (
    select
        _row,
        {{ replace_matches('mobile_phone', '[- ]', '') }} as number
    from {{ batch }}
)

select _row
from without_blanks
where not {{ matches_whole(replace_matches('number', '^[+]86', ''), '1[3-9][0-9]{9}') }}
