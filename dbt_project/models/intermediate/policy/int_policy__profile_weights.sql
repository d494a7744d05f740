with

profile_field as (
    {{ rows_in_force('policy_profile_field') }}
),

final as (
    select
        segment,
        {% for field in ['mobile_phone', 'birth_date', 'id_number', 'size', 'credit_rating'] -%}
        sum(case when field = '{{ field }}' then weight else 0 end) as {{ field }},
        {% endfor -%}
        sum(weight) as whole
    from profile_field
    group by segment
)

select * from final
