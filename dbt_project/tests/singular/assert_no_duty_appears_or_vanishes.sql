-- The matrix creates duties, which are judged later; every created duty is judged, and no other.
select
    coalesce(made.customer_id, judged.customer_id) as customer_id,
    coalesce(made.role_group, judged.role_group) as role_group
from {{ ref('int_coverage__duties') }} as made
full outer join {{ ref('fct_visit_obligation_monthly') }} as judged
    on judged.customer_id = made.customer_id and judged.role_group = made.role_group
where made.customer_id is null or judged.customer_id is null
