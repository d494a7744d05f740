{#- The model has one row for each combination of the columns of its grain. Nulls count as one value. -#}
{% test unique_grain(model) %}
{%- set columns = grain_under_test() %}
select {{ columns | join(', ') }}
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}
