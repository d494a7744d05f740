{#- The amount of a scheme's own measure; of the measures that are published for every month. -#}
{% macro own_amount(own_measure_id, amounts) -%}
    case {{ own_measure_id }}
        when 'financial_assets' then {{ amounts }}.financial_assets
        when 'deposit_balance' then {{ amounts }}.deposit_balance
    end
{%- endmacro %}
