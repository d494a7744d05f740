select child._row
from {{ batch }} as child
where
    child.{{ column }} is not null
    and not exists (
        select 1
        from {{ parent }} as parent
        where parent.{{ parent_key }} = child.{{ column }}
    )
