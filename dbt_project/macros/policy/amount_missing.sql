{#- The smallest amount in whole fen, 0.00 or more, that reaches a bound: missing is the bound less the value. A bound
    that is not included must be passed, by a fen at least. Null without a bound. -#}
{% macro amount_missing(missing, is_included) -%}
    case
        when {{ missing }} < 0 then 0
        when round({{ missing }}, 2) < {{ missing }} then round({{ missing }}, 2) + 0.01
        when round({{ missing }}, 2) = {{ missing }} and not {{ is_included }} then round({{ missing }}, 2) + 0.01
        else round({{ missing }}, 2)
    end
{%- endmacro %}
