{#- The rules of one scheme that each customer meets: the only place where a measure meets a bound.

    measures: a CTE or relation with customer_id, measure_id, number_value, category_value. A measure may have
              several rows a customer (the routes that he meets).
    scheme:   the scheme_id of policy_scheme.

    A rule of several conditions is met when each of them is. Yields one row per customer and rule, with the
    observed values and the bounds in words for the evidence. -#}
{% macro rules_met(measures, scheme) -%}
    select
        met.customer_id,
        '{{ scheme }}' as scheme,
        met.rule_id,
        rule_header.tier_code,
        tier.tier_rank,
        rule_header.route,
        met.observed_value,
        rule_header.bound,
        rule_header.clause_ref,
        rule_header.is_gap_fill
    from (
        select
            measured.customer_id,
            condition.rule_id,
            count(distinct condition.condition_no) as conditions_met,
            {{ listagg(
                "concat(condition.measure_id, ' = ', coalesce(measured.category_value, "
                ~ plain_number('measured.number_value') ~ "))",
                "condition.condition_no"
            ) }} as observed_value
        from {{ measures }} as measured
        inner join ({{ rows_in_force('policy_tier_rule') }}) as condition
            on
                condition.scheme = '{{ scheme }}'
                and condition.measure_id = measured.measure_id
                and (condition.category_value is null or condition.category_value = measured.category_value)
                and (
                    condition.lower_bound is null
                    or measured.number_value > condition.lower_bound
                    or (condition.lower_inclusive and measured.number_value = condition.lower_bound)
                )
                and (
                    condition.upper_bound is null
                    or measured.number_value < condition.upper_bound
                    or (condition.upper_inclusive and measured.number_value = condition.upper_bound)
                )
        group by measured.customer_id, condition.rule_id
    ) as met
    inner join {{ ref('int_policy__rule_headers') }} as rule_header
        on rule_header.rule_id = met.rule_id and rule_header.conditions = met.conditions_met
    inner join ({{ rows_in_force('policy_tier') }}) as tier
        on tier.scheme = rule_header.scheme and tier.tier_code = rule_header.tier_code
{%- endmacro %}
