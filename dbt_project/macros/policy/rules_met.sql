{#- The rules of one stage that each customer meets: the only place where a measure meets a bound.

    measures: relations with customer_id, segment, measure_id, number_value, category_value. A measure may have several
              rows a customer (the routes that they meet). Each is read three times: a CTE would be written out first, all
              of its rows (a third of the time at a million customers), and a view that joins would be joined thrice.
    stage:    the stage of policy_scheme: schemes of a later stage may use the outcomes of earlier ones.

    A rule is met when each of its hard condition numbers is; rows of one number are alternatives. Yields one row per
    customer and rule, with the observed values in words for the evidence. The measures of all customers stream past
    the few conditions; only who meets the first one of a rule is kept in memory. -#}
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

    -- The first condition of each rule with several.
    opened as (
        {{ observations(measures, 'condition.is_first and not condition.is_plain') }}
    ),

    -- The further ones, only for whom the first one holds.
    continued as (
        select observed.*
        from ({{ observations(measures, 'not condition.is_first') }}) as observed
        inner join opened on opened.customer_id = observed.customer_id and opened.rule_id = observed.rule_id
    ),

    -- One row a condition number: of alternatives one suffices.
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

    -- Put into words only where the rule is met: the words of a group are held in memory.
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

{#- The conditions of a kind that hold, a row each, with the value that was observed. -#}
{% macro observations(measures, kind) -%}
    {% for relation in measures -%}
    select
        measured.customer_id,
        condition.rule_id,
        condition.condition_no,
        condition.is_soft,
        {{ observed('measured') }} as observed_value
    from {{ relation }} as measured
    inner join condition on {{ kind }} and {{ condition_holds('measured', 'condition') }}
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
{%- endmacro %}

{#- A measured value of the condition's segment lies within its band, or is its category. -#}
{% macro condition_holds(measured, condition) -%}
    {{ condition }}.measure_id = {{ measured }}.measure_id
    and {{ condition }}.segment = {{ measured }}.segment
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

{#- What each customer is awarded by the schemes of one stage that take the best rule.

    rules_met: a relation as rules_met() yields it. A flag of the decision is set only where every rule that leads to
    the best tier has it: a rule of the source goes before a gap fill, a source before an assumption. Rank and flag
    are one number each, rank first, so that one pass finds all three. -#}
{% macro awarded(rules_met, stage) -%}
    with

    scheme as (
        {{ rows_in_force('policy_scheme') }}
    ),

    tier as (
        {{ rows_in_force('policy_tier') }}
    ),

    resolved as (
        select
            scheme.*,
            tier.tier_rank as default_tier_rank
        from scheme
        left join tier on tier.scheme = scheme.scheme and tier.tier_code = scheme.default_tier_code
        where scheme.resolver = 'best' and scheme.stage = {{ stage }}
    ),

    customer as (
        select customer_id, segment from {{ ref('int_customer__measures') }}
    ),

    best as (
        select
            customer_id,
            scheme,
            min(tier_rank) as tier_rank,
            min(tier_rank * 2 + case when is_gap_fill then 1 else 0 end) as rank_and_gap,
            min(tier_rank * 2 + case when is_assumed then 1 else 0 end) as rank_and_assumption
        from {{ rules_met }}
        group by customer_id, scheme
    )

    select
        customer.customer_id,
        customer.segment,
        resolved.scheme,
        resolved.purpose,
        tier.tier_code,
        tier.tier_rank,
        coalesce(tier.tier_code = resolved.default_tier_code, false) as is_default,
        coalesce(best.rank_and_gap = tier.tier_rank * 2 + 1, false) as is_gap_fill,
        coalesce(best.rank_and_assumption = tier.tier_rank * 2 + 1, false) as is_assumed
    from customer
    inner join resolved on resolved.segment = customer.segment
    left join best on best.customer_id = customer.customer_id and best.scheme = resolved.scheme
    inner join tier
        on tier.scheme = resolved.scheme and tier.tier_rank = coalesce(best.tier_rank, resolved.default_tier_rank)
{%- endmacro %}
