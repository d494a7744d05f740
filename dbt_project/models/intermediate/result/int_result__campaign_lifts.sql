with

counted as (
    select
        *,
        cast({{ parameter('interval_z', places=15) }} as double) as z
    from {{ ref('int_result__campaign_members') }}
),

{% set groups = {'targeted': 'converted', 'controls': 'controls_converted'} -%}
-- Wilson's interval of either group: its centre and half its width.
scored as (
    select
        *,
        {% for members, converted in groups.items() -%}
        {{ ratio(converted, members) }} as rate_of_{{ members }},
        {{ ratio('2 * ' ~ converted ~ ' + z * z', '2 * (' ~ members ~ ' + z * z)') }} as centre_of_{{ members }},
        {{ ratio('z', '2 * (' ~ members ~ ' + z * z)') }}
        * sqrt({{ ratio('4 * ' ~ converted ~ ' * (' ~ members ~ ' - ' ~ converted ~ ')', members) }} + z * z)
            as half_width_of_{{ members }},
        {% endfor -%}
        {{ ratio('converted * controls - controls_converted * targeted', 'targeted * controls') }} as lift
    from counted
),

-- How far either rate lies from the ends of its own interval.
spread as (
    select
        campaign_id,
        {% for members in groups -%}
        rate_of_{{ members }},
        rate_of_{{ members }} - (centre_of_{{ members }} - half_width_of_{{ members }}) as below_{{ members }},
        centre_of_{{ members }} + half_width_of_{{ members }} - rate_of_{{ members }} as above_{{ members }},
        {% endfor -%}
        lift
    from scored
),

-- Newcombe's interval of the difference, without continuity correction.
final as (
    select
        campaign_id,
        rate_of_targeted as conversion_rate,
        rate_of_controls as control_rate,
        lift,
        lift - sqrt(below_targeted * below_targeted + above_controls * above_controls) as lift_low,
        lift + sqrt(above_targeted * above_targeted + below_controls * below_controls) as lift_high
    from spread
)

select * from final
