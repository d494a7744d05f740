{#- A quotient rounded half away from zero to six places, or as many as `decimals` says; null if the divisor is 0. In
    whole numbers, since a double may fall on the wrong side of a half. Both are decimals; places: how many digits they
    have after the point. -#}
{% macro rounded_ratio(numerator, denominator, places=6, decimals=6) -%}
    {{ return(adapter.dispatch('rounded_ratio', 'fenceng')(numerator, denominator, places, decimals)) }}
{%- endmacro %}

{% macro default__rounded_ratio(numerator, denominator, places, decimals) -%}
    {% set above = 'cast(abs(' ~ numerator ~ ') * ' ~ 10 ** places ~ ' as hugeint)' -%}
    {% set below = 'cast(abs(' ~ denominator ~ ') * ' ~ 10 ** places ~ ' as hugeint)' -%}
    cast(
        cast(({{ above }} * {{ 2 * 10 ** decimals }} + {{ below }}) // nullif({{ below }} * 2, 0) as decimal(32, 0))
        * cast(0.{{ '0' * (decimals - 1) }}1 as decimal({{ decimals }}, {{ decimals }}))
        * sign({{ numerator }}) * sign({{ denominator }}) as decimal(38, {{ decimals }})
    )
{%- endmacro %}

{% macro spark__rounded_ratio(numerator, denominator, places, decimals) -%}
    cast(
        round(
            cast({{ numerator }} as decimal(38, 6)) / nullif(cast({{ denominator }} as decimal(38, 6)), 0), {{ decimals }}
        ) as decimal(38, {{ decimals }})
    )
{%- endmacro %}
