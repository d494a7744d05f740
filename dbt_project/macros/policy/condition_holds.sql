{#- Whether a measured value of the condition's segment lies within its band, or is its category. -#}
{% macro condition_holds(measured, condition) -%}
    {{ condition }}.measure_id = {{ measured }}.measure_id
    and {{ condition }}.segment = {{ measured }}.segment
    and ({{ condition }}.category_value is null or {{ condition }}.category_value = {{ measured }}.category_value)
    and (
        {{ condition }}.lower_bound is null
        or {{ measured }}.number_value > {{ condition }}.lower_bound
        or ({{ condition }}.lower_inclusive and {{ measured }}.number_value = {{ condition }}.lower_bound)
    )
    and (
        {{ condition }}.upper_bound is null
        or {{ measured }}.number_value < {{ condition }}.upper_bound
        or ({{ condition }}.upper_inclusive and {{ measured }}.number_value = {{ condition }}.upper_bound)
    )
{%- endmacro %}
