{#- Evidence that a former tier is still held; the rule is the scheme's own row. -#}
{% macro held_tier_evidence(held, scheme) -%}
    select
        {{ held }}.customer_id,
        {{ held }}.scheme,
        concat({{ held }}.scheme, '.downgrade_after_months') as rule_id,
        'held' as route,
        concat('months_below = ', {{ plain_number(held ~ '.months_below') }}) as observed_value,
        concat('months_below < ', {{ plain_number(scheme ~ '.downgrade_after_months') }}) as bound,
        {{ held }}.tier_code as outcome,
        true as is_winner,
        {{ scheme }}.clause_ref,
        false as is_gap_fill,
        false as is_assumed,
        cast(null as varchar(60)) as soft_conditions_missed
    from {{ held }}
    inner join {{ scheme }} on {{ scheme }}.scheme = {{ held }}.scheme
{%- endmacro %}
