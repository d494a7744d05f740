{#- Every customer of the other model has a winning row here: no decision without a reason. -#}
{% test every_customer_has(model, other) %}
select other.customer_id
from {{ other }} as other
where not exists (
    select 1 from {{ model }} as evidence
    where evidence.customer_id = other.customer_id and evidence.is_winner and evidence.outcome = other.tier_code
)
{% endtest %}
