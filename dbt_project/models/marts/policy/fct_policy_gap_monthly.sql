with

-- Every family with the column that names its rows. For the first four, the customers that a row decides can be
-- counted; the others shape the measures of all customers.
{% set counted = ['policy_tier_rule', 'policy_maintainer', 'policy_visit_frequency', 'policy_aum_component'] -%}
{% set by_rule_id = counted + [
    'policy_score_band', 'policy_visit_channel', 'policy_role', 'policy_capacity', 'policy_card_spend',
    'policy_counted_status', 'policy_department_level', 'policy_segment', 'policy_size_basis', 'policy_statement_kind',
    'policy_red_list_reason', 'policy_amount_limit', 'policy_action', 'policy_beside_role', 'policy_concentration',
    'policy_contact_frequency', 'policy_profile_field', 'policy_star', 'policy_value_list', 'policy_appraised_role',
    'policy_ranking', 'policy_season', 'policy_target_role', 'policy_visit_signal', 'policy_access'
] -%}
{% set named = {
    'policy_parameter': 'parameter_id', 'policy_scheme': 'scheme', 'policy_tier': "concat(scheme, '.', tier_code)",
    'policy_route': "concat(scheme, '.', route)", 'policy_metric': "concat(metric, '.', subject_kind)"
} -%}
open_point as (
    {% for family in by_rule_id + (named | list) -%}
    select distinct
        '{{ family }}' as family,
        {{ family in counted }} as is_counted,
        {{ named.get(family, 'rule_id') }} as rule_id,
        clause_ref,
        basis,
        is_gap_fill,
        rationale
    from ({{ rows_in_force(family) }}) as in_force
    where is_gap_fill or basis = 'assumed'
    {% if not loop.last %}union all{% endif %}
    {% endfor -%}
),

decided as (
    select * from {{ ref('int_policy__customers_decided') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        run_context.policy_month,
        open_point.family,
        open_point.rule_id,
        open_point.clause_ref,
        open_point.basis,
        open_point.is_gap_fill,
        open_point.rationale,
        case when open_point.is_counted then coalesce(decided.customers, 0) end as customers,
        cast(
            case when open_point.is_counted then coalesce(decided.financial_assets, 0) end as decimal(38, 2)
        ) as financial_assets
    from open_point
    cross join run_context
    left join decided on decided.family = open_point.family and decided.rule_id = open_point.rule_id
)

select * from final
