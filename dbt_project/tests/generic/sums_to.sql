{#- The column adds up to the number of rows of the other model. -#}
{% test sums_to(model, column, other) %}
select *
from (select coalesce(sum({{ column }}), 0) as total from {{ model }}) as here
cross join (select count(*) as rows_there from {{ other }}) as there
where here.total <> there.rows_there
{% endtest %}
