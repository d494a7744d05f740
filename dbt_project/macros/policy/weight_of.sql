{#- The weight of a component in a measure on one balance basis, from grouped rows of policy_aum_component. -#}
{% macro weight_of(measure_id, balance_basis) -%}
    cast(
        sum(
            case
                when measure_id = '{{ measure_id }}' and balance_basis = '{{ balance_basis }}' then weight else 0
            end
        ) as decimal(5, 4)
    )
{%- endmacro %}
