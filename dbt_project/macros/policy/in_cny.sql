{#- An amount in CNY at full precision: 2 places times 8 are 10; 20 digits before the point hold the largest
    accepted amount at a rate of ten million. Never rounded before a comparison. -#}
{% macro in_cny(amount, cny_per_unit) -%}
    cast(cast({{ amount }} as decimal(20, 2)) * cast({{ cny_per_unit }} as decimal(18, 8)) as decimal(30, 10))
{%- endmacro %}

{#- An amount with a policy's weight, still with ten places: a weight of one, the usual one, changes nothing. -#}
{% macro weighted(amount, weight) -%}
    case
        when {{ weight }} = 0 then cast(0 as decimal(30, 10))
        when {{ weight }} = 1 then {{ amount }}
        else cast({{ amount }} * {{ weight }} as decimal(30, 10))
    end
{%- endmacro %}

{#- The balance of a holding that a component rests on: that of the date, or the average of the month so far. -#}
{% macro balance_on(holding, balance_basis) -%}
    case {{ balance_basis }} when 'point' then {{ holding }}.point_balance else {{ holding }}.mtd_average_balance end
{%- endmacro %}

{#- The weight of a component in a measure on one balance basis, of rows of policy_aum_component. -#}
{% macro weight_of(measure_id, balance_basis) -%}
    cast(
        sum(
            case
                when measure_id = '{{ measure_id }}' and balance_basis = '{{ balance_basis }}' then weight else 0
            end
        ) as decimal(5, 4)
    )
{%- endmacro %}
