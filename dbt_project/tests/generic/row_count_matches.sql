{#- The model has as many rows as the other one: none was lost, none was added. -#}
{% test row_count_matches(model, other) %}
select *
from (select count(*) as rows_here from {{ model }}) as here
cross join (select count(*) as rows_there from {{ other }}) as there
where here.rows_here <> there.rows_there
{% endtest %}
