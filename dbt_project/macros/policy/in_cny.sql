{#- An amount in CNY at full precision: 2 decimal places times 8 give 10, and any delivered amount at any rate fits.
    Never rounded before a comparison. -#}
{% macro in_cny(amount, cny_per_unit) -%}
    cast(cast({{ amount }} as decimal(20, 2)) * cast({{ cny_per_unit }} as decimal(18, 8)) as decimal(38, 10))
{%- endmacro %}
