{#-
    Splits amounts of two places into parts that add up to them, each as near to its share as whole hundredths allow:
    every part is rounded down, and the hundredths left over go one each to the parts that lost most, of equal ones to
    the earlier. Without any weight the last part has all; a negative amount is split as its absolute value.

    relation: one row per part, with the amount of its whole, a weight of at least 0 and a position without ties.
    columns:  its columns that go on; `part` is added.
    whole:    the columns that name the whole.
    places:   how many digits a weight has after the point.

    Exact, in whole numbers: the amount in hundredths times the weight in its last place has to stay below 1e38. A
    decimal(18,2) has 1e18 hundredths, which leaves 1e20 for a weight: a quarter of the largest season weight has 1e11.
-#}
{% macro largest_remainder(relation, columns, whole, amount, weight, position, places=0) -%}
    {% set of_whole = 'partition by ' ~ whole | join(', ') -%}
    with

    weighed as (
        select
            *,
            {{ whole_number('cast(abs(' ~ amount ~ ') as decimal(20, 2)) * 100') }} as whole_units,
            {{ whole_number('(' ~ weight ~ ') * ' ~ 10 ** places) }} as part_weight,
            row_number() over ({{ of_whole }} order by {{ position }} desc nulls last) as place_from_last
        from {{ relation }}
    ),

    summed as (
        select
            *,
            {{ whole_number('sum(part_weight) over (' ~ of_whole ~ ')') }} as whole_weight
        from weighed
    ),

    rounded_down as (
        select
            *,
            case
                when whole_weight > 0 then {{ whole_quotient('whole_units * part_weight', 'whole_weight') }}
                when place_from_last = 1 then whole_units
                else 0
            end as full_units,
            coalesce((whole_units * part_weight) % nullif(whole_weight, 0), 0) as remainder
        from summed
    ),

    placed as (
        select
            *,
            whole_units - sum(full_units) over ({{ of_whole }}) as units_left,
            row_number() over ({{ of_whole }} order by remainder desc nulls last, {{ position }} nulls last) as place
        from rounded_down
    )

    select
        {{ columns | join(', ') }},
        cast(
            sign({{ amount }})
            * cast(full_units + case when place <= units_left then 1 else 0 end as decimal(20, 0))
            * cast(0.01 as decimal(3, 2)) as decimal(18, 2)
        ) as part
    from placed
{%- endmacro %}
