{#- The balance of a holding that a component uses: that of the business date, or the month-to-date average. -#}
{% macro balance_on(holding, balance_basis) -%}
    case {{ balance_basis }} when 'point' then {{ holding }}.point_balance else {{ holding }}.mtd_average_balance end
{%- endmacro %}
