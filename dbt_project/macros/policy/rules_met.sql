{#- The rules of one scheme that each customer meets: the only place where a measure meets a bound.

    measures: a CTE or relation with customer_id, measure_id, number_value, category_value. A measure may have
              several rows a customer (the routes that he meets).
    scheme:   the scheme of policy_scheme.

    A rule of several conditions is met when each of them is. Yields one row per customer and rule, with the
    observed values in words for the evidence. -#}
{% macro rules_met(measures, scheme) -%}
    with

    condition as (
        select
            in_force.*,
            count(*) over (partition by in_force.rule_id) as conditions
        from ({{ rows_in_force('policy_tier_rule') }}) as in_force
        where in_force.scheme = '{{ scheme }}'
    ),

    tier as (
        {{ rows_in_force('policy_tier') }}
    ),

    -- The first condition of every rule; nearly all rules have no other.
    opened as (
        select
            measured.customer_id,
            condition.rule_id,
            condition.conditions,
            {{ observed('measured') }} as observed_value
        from {{ measures }} as measured
        inner join condition on condition.condition_no = 1 and {{ condition_holds('measured', 'condition') }}
    ),

    -- The further conditions, only for whom the first one holds.
    continued as (
        select
            measured.customer_id,
            condition.rule_id,
            condition.condition_no,
            {{ observed('measured') }} as observed_value
        from {{ measures }} as measured
        inner join opened on opened.customer_id = measured.customer_id and opened.conditions > 1
        inner join condition
            on
                condition.rule_id = opened.rule_id
                and condition.condition_no > 1
                and {{ condition_holds('measured', 'condition') }}
    ),

    gathered as (
        select
            customer_id,
            rule_id,
            count(distinct condition_no) + 1 as conditions_met,
            {{ listagg('observed_value', 'condition_no') }} as observed_value
        from continued
        group by customer_id, rule_id
    ),

    met as (
        select customer_id, rule_id, observed_value
        from opened
        where conditions = 1
        union all
        select opened.customer_id, opened.rule_id, concat(opened.observed_value, '; ', gathered.observed_value)
        from opened
        inner join gathered
            on
                gathered.customer_id = opened.customer_id
                and gathered.rule_id = opened.rule_id
                and gathered.conditions_met = opened.conditions
    )

    select
        met.customer_id,
        condition.scheme,
        met.rule_id,
        condition.route,
        condition.tier_code,
        tier.tier_rank,
        condition.is_gap_fill,
        met.observed_value
    from met
    inner join condition on condition.rule_id = met.rule_id and condition.condition_no = 1
    inner join tier on tier.scheme = condition.scheme and tier.tier_code = condition.tier_code
{%- endmacro %}

{#- A measured value lies within a condition's band, or is its category. -#}
{% macro condition_holds(measured, condition) -%}
    {{ condition }}.measure_id = {{ measured }}.measure_id
    and ({{ condition }}.category_value is null or {{ condition }}.category_value = {{ measured }}.category_value)
    and (
        {{ condition }}.lower_bound is null
        or {{ measured }}.number_value > {{ condition }}.lower_bound
        or ({{ condition }}.lower_inclusive and {{ measured }}.number_value = {{ condition }}.lower_bound)
    )
    and (
        {{ condition }}.upper_bound is null
        or {{ measured }}.number_value < {{ condition }}.upper_bound
        or ({{ condition }}.upper_inclusive and {{ measured }}.number_value = {{ condition }}.upper_bound)
    )
{%- endmacro %}

{#- A measured value in words. -#}
{% macro observed(measured) -%}
    concat(
        {{ measured }}.measure_id,
        ' = ',
        coalesce({{ measured }}.category_value, {{ plain_number(measured ~ '.number_value') }})
    )
{%- endmacro %}
