{#- The rules of one stage that each customer meets: the only place where a measure is compared with a bound.

    measures: relations with customer_id, segment, measure_id, number_value, category_value. A customer may have several
              rows for one measure (the routes it meets). Each relation is read three times: a CTE would be materialised
              with all its rows (a third of the time at a million customers), and a view with joins joined three times.
    stage:    the stage of policy_scheme; schemes of a later stage may use the outcomes of earlier ones.

    A rule is met when each of its hard condition numbers is met; rows with the same number are alternatives. Yields one
    row per customer and rule, with the observed values as text for the evidence. The measures of all customers stream
    past the few conditions; only customers that meet the first condition of a rule are kept in memory. -#}
{% macro rules_met(measures, stage) -%}
    with

    rule as (
        select * from {{ ref('int_policy__rules') }}
        where stage = {{ stage }}
    ),

    condition as (
        select * from {{ ref('int_policy__conditions') }}
        where stage = {{ stage }}
    ),

    exemption as (
        select customer_id, rule_id from {{ ref('int_policy__exemptions') }}
    ),

    -- The first condition of each rule that has several.
    opened as (
        {{ observations(measures, 'condition.is_first and not condition.is_plain') }}
    ),

    -- The other conditions, only for customers that meet the first.
    continued as (
        select observed.*
        from ({{ observations(measures, 'not condition.is_first') }}) as observed
        inner join opened on opened.customer_id = observed.customer_id and opened.rule_id = observed.rule_id
    ),

    -- One row per condition number: one of the alternatives is enough.
    held as (
        select *
        from (
            select * from opened
            union all
            select * from continued
        ) as holding
        qualify row_number() over (
            partition by customer_id, rule_id, condition_no order by observed_value desc nulls last
        ) = 1
    ),

    counted as (
        select
            *,
            sum(case when is_soft then 0 else 1 end) over (partition by customer_id, rule_id) as hard_conditions
        from held
    ),

    -- Written as text only for rules that are met: a group keeps its texts in memory.
    gathered as (
        select
            counted.customer_id,
            counted.rule_id,
            {{ listagg('counted.observed_value', 'counted.condition_no') }} as observed_value
        from counted
        inner join rule on rule.rule_id = counted.rule_id and rule.hard_conditions = counted.hard_conditions
        group by counted.customer_id, counted.rule_id
    ),

    met as (
        select customer_id, rule_id, observed_value
        from ({{ observations(measures, 'condition.is_first and condition.is_plain') }}) as observed
        union all
        select customer_id, rule_id, observed_value from gathered
    )

    select
        met.customer_id,
        rule.scheme,
        met.rule_id,
        rule.route,
        rule.tier_code,
        rule.tier_rank,
        rule.is_gap_fill,
        rule.is_assumed,
        met.observed_value
    from met
    inner join rule on rule.rule_id = met.rule_id
    left join exemption on exemption.customer_id = met.customer_id and exemption.rule_id = met.rule_id
    where exemption.customer_id is null
{%- endmacro %}
