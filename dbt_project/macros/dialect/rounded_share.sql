{#- A part of a whole, rounded half away from zero to six places: in whole numbers, since a double may fall on the wrong
    side of a half. Both are decimals of at most six places, 0 <= part <= whole; null if the whole is 0. -#}
{% macro rounded_share(part, whole) -%}
    {{ return(adapter.dispatch('rounded_share', 'fenceng')(part, whole)) }}
{%- endmacro %}

{% macro default__rounded_share(part, whole) -%}
    cast(
        cast(
            (cast(({{ part }}) * 1000000 as hugeint) * 2000000 + cast(({{ whole }}) * 1000000 as hugeint))
            // nullif(cast(({{ whole }}) * 1000000 as hugeint) * 2, 0) as decimal(18, 0)
        ) * cast(0.000001 as decimal(7, 6)) as decimal(9, 6)
    )
{%- endmacro %}

{% macro spark__rounded_share(part, whole) -%}
    cast(round(cast({{ part }} as decimal(18, 6)) / nullif(cast({{ whole }} as decimal(18, 6)), 0), 6) as decimal(9, 6))
{%- endmacro %}
