{#- A quotient rounded half away from zero to six places, null if the divisor is 0: in whole numbers, since a double may
    fall on the wrong side of a half. Both are decimals; places: how many digits they have after the point. -#}
{% macro rounded_ratio(numerator, denominator, places=6) -%}
    {{ return(adapter.dispatch('rounded_ratio', 'fenceng')(numerator, denominator, places)) }}
{%- endmacro %}

{% macro default__rounded_ratio(numerator, denominator, places) -%}
    {% set above = 'cast(abs(' ~ numerator ~ ') * ' ~ 10 ** places ~ ' as hugeint)' -%}
    {% set below = 'cast(abs(' ~ denominator ~ ') * ' ~ 10 ** places ~ ' as hugeint)' -%}
    cast(
        cast(({{ above }} * 2000000 + {{ below }}) // nullif({{ below }} * 2, 0) as decimal(32, 0))
        * cast(0.000001 as decimal(6, 6)) * sign({{ numerator }}) * sign({{ denominator }}) as decimal(38, 6)
    )
{%- endmacro %}

{% macro spark__rounded_ratio(numerator, denominator, places) -%}
    cast(
        round(cast({{ numerator }} as decimal(38, 6)) / nullif(cast({{ denominator }} as decimal(38, 6)), 0), 6)
        as decimal(38, 6)
    )
{%- endmacro %}
