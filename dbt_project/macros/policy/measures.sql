{#- The measures that a rule may name, with their kind and the segments they are measured for: the only list of them in
    SQL, which policy_measure.csv has to agree with. The order is that of the rows of int_customer__measure_values. A
    measure derived from a scheme is not listed: the decision makes it. -#}
{% macro measures() -%}
    {%- set both = ['retail', 'corporate'] -%}
    {{ return({
        'financial_assets': {'kind': 'number', 'segments': both},
        'deposit_balance': {'kind': 'number', 'segments': both},
        'card_spend_12m': {'kind': 'number', 'segments': ['retail']},
        'loan_balance': {'kind': 'number', 'segments': both},
        'custody_margin_balance': {'kind': 'number', 'segments': ['retail']},
        'age': {'kind': 'number', 'segments': ['retail']},
        'target_credit_amount': {'kind': 'number', 'segments': ['corporate']},
        'open_accounts': {'kind': 'number', 'segments': ['corporate']},
        'valid_credit_lines': {'kind': 'number', 'segments': ['corporate']},
        'total_assets': {'kind': 'number', 'segments': ['corporate']},
        'registered_capital': {'kind': 'number', 'segments': ['corporate']},
        'economic_capital_return_12m': {'kind': 'number', 'segments': ['corporate']},
        'revenue_12m': {'kind': 'number', 'segments': ['corporate']},
        'settlement_share': {'kind': 'number', 'segments': ['corporate']},
        'related_party_share': {'kind': 'number', 'segments': ['corporate']},
        'profit_margin_lead': {'kind': 'number', 'segments': ['corporate']},
        'customer_years': {'kind': 'number', 'segments': both},
        'best_card_grade': {'kind': 'category', 'segments': ['retail']},
        'wealth_admission': {'kind': 'category', 'segments': ['retail']},
        'administrative_level': {'kind': 'category', 'segments': ['corporate']},
        'market_position': {'kind': 'category', 'segments': ['corporate']},
        'credit_rating': {'kind': 'category', 'segments': ['corporate']},
        'strategic_agreement': {'kind': 'category', 'segments': ['corporate']},
        'bad_record': {'kind': 'category', 'segments': ['corporate']},
    }) }}
{%- endmacro %}
