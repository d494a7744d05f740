{#- The measures that a rule may name, by the segment that they are measured for; policy_measure describes each.
    A number may be missing where the policy says so (is_always_known); a category is missing where it is null. -#}
{% macro number_measures(segment) -%}
    {{ return({
        'retail': [
            'financial_assets', 'deposit_balance', 'card_spend_12m', 'loan_balance', 'custody_margin_balance', 'age',
            'customer_years'
        ],
        'corporate': [
            'financial_assets', 'deposit_balance', 'loan_balance', 'target_credit_amount', 'open_accounts',
            'valid_credit_lines', 'total_assets', 'registered_capital', 'economic_capital_return_12m', 'revenue_12m',
            'settlement_share', 'related_party_share', 'profit_margin_lead', 'customer_years'
        ],
    }[segment]) }}
{%- endmacro %}

{% macro category_measures(segment) -%}
    {{ return({
        'retail': ['best_card_grade', 'wealth_admission'],
        'corporate': [
            'administrative_level', 'market_position', 'credit_rating', 'strategic_agreement', 'bad_record'
        ],
    }[segment]) }}
{%- endmacro %}
