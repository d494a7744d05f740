with

measures as (
    select customer_id, financial_assets from {{ ref('int_customer__measures') }}
),

rules_met as (
    {% for model in ['int_decision__rules_met_stage_2', 'int_decision__rules_met_stage_3'] -%}
    select customer_id, scheme, rule_id, tier_rank from {{ ref(model) }}
    where is_gap_fill or is_assumed
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

award as (
    {% for model in ['int_decision__awards_stage_2', 'int_decision__awards_stage_3'] -%}
    select customer_id, scheme, tier_rank from {{ ref(model) }}
    where is_gap_fill or is_assumed
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

rule as (
    select rule_id, family from {{ ref('int_policy__rules') }}
),

duty as (
    select customer_id, rule_id from {{ ref('int_coverage__duties') }}
),

holding as (
    select * from {{ ref('int_customer__holdings') }}
),

component as (
    {{ rows_in_force('policy_aum_component') }}
),

-- A rule decides if no rule of the source leads to the same outcome; a duty if it is owed.
decided as (
    select
        rule.family,
        rules_met.rule_id,
        rules_met.customer_id
    from rules_met
    inner join award
        on
            award.customer_id = rules_met.customer_id
            and award.scheme = rules_met.scheme
            and award.tier_rank = rules_met.tier_rank
    inner join rule on rule.rule_id = rules_met.rule_id
    union all
    select 'policy_visit_frequency' as family, rule_id, customer_id from duty
),

-- A component decides the part of the assets held in it.
final as (
    select
        decided.family,
        decided.rule_id,
        count(*) as customers,
        sum(measures.financial_assets) as financial_assets
    from decided
    inner join measures on measures.customer_id = decided.customer_id
    group by decided.family, decided.rule_id
    union all
    select
        'policy_aum_component' as family,
        component.rule_id,
        count(distinct holding.customer_id) as customers,
        sum({{ weighted(balance_on('holding', 'component.balance_basis'), 'component.weight') }}) as financial_assets
    from holding
    inner join component
        on component.source_table = holding.source_table and component.component = holding.component
    group by component.rule_id
)

select * from final
