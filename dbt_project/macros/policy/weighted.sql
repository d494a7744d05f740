{#- An amount times its policy weight, still with ten decimal places. A weight of 1, the usual one, changes nothing. -#}
{% macro weighted(amount, weight) -%}
    case
        when {{ weight }} = 0 then cast(0 as decimal(30, 10))
        when {{ weight }} = 1 then {{ amount }}
        else cast({{ amount }} * {{ weight }} as decimal(30, 10))
    end
{%- endmacro %}
