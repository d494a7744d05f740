{#- The rules of one stage that each customer meets: the only place where a measure meets a bound.

    measures: relations with customer_id, segment, measure_id, number_value, category_value. A measure may have several
              rows a customer (the routes that he meets). Relations and not a CTE: a CTE that is read twice would be
              written out first, all of its rows (a third of the time at a million customers).
    stage:    the stage of policy_scheme: schemes of a later stage may use the outcomes of earlier ones.

    A rule is met when each of its hard condition numbers is; rows of one number are alternatives. Yields one row per
    customer and rule, with the observed values in words for the evidence. -#}
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

    -- The first condition of every rule; most rules have no other.
    opened as (
        {% for relation in measures -%}
        select
            measured.customer_id,
            condition.rule_id,
            condition.condition_no,
            condition.is_soft,
            condition.is_plain,
            {{ observed('measured') }} as observed_value
        from {{ relation }} as measured
        inner join condition on condition.is_first and {{ condition_holds('measured', 'condition') }}
        {% if not loop.last %}union all{% endif %}
        {% endfor -%}
    ),

    begun as (
        select distinct
            customer_id,
            rule_id
        from opened
        where not is_plain
    ),

    -- The further conditions, only for whom the first one holds.
    asked as (
        select
            begun.customer_id,
            condition.*
        from begun
        inner join condition on condition.rule_id = begun.rule_id and not condition.is_first
    ),

    continued as (
        {% for relation in measures -%}
        select
            measured.customer_id,
            asked.rule_id,
            asked.condition_no,
            asked.is_soft,
            {{ observed('measured') }} as observed_value
        from {{ relation }} as measured
        inner join asked
            on asked.customer_id = measured.customer_id and {{ condition_holds('measured', 'asked') }}
        {% if not loop.last %}union all{% endif %}
        {% endfor -%}
    ),

    -- One row a condition number: of alternatives one suffices.
    held as (
        select
            customer_id,
            rule_id,
            condition_no,
            is_soft,
            max(observed_value) as observed_value
        from (
            select customer_id, rule_id, condition_no, is_soft, observed_value from opened
            where not is_plain
            union all
            select customer_id, rule_id, condition_no, is_soft, observed_value from continued
        ) as holding
        group by customer_id, rule_id, condition_no, is_soft
    ),

    gathered as (
        select
            customer_id,
            rule_id,
            sum(case when is_soft then 0 else 1 end) as hard_conditions,
            {{ listagg('observed_value', 'condition_no') }} as observed_value
        from held
        group by customer_id, rule_id
    ),

    met as (
        select customer_id, rule_id, observed_value from opened
        where is_plain
        union all
        select gathered.customer_id, gathered.rule_id, gathered.observed_value
        from gathered
        inner join rule
            on rule.rule_id = gathered.rule_id and rule.hard_conditions = gathered.hard_conditions
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
