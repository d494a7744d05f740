with

measure_values as (
    select * from {{ ref('int_customer__measure_values') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

tier_entry as (
    select * from {{ ref('int_policy__tier_entries') }}
),

own_measure as (
    select distinct own_measure_id from tier_entry
),

own_value as (
    select
        measure_values.customer_id,
        measure_values.measure_id,
        measure_values.number_value
    from measure_values
    inner join own_measure on own_measure.own_measure_id = measure_values.measure_id
),

final as (
    select
        held.customer_id,
        held.segment,
        held.tier_code,
        held.months_below,
        held.is_held,
        tier_entry.own_measure_id,
        own_value.number_value as own_value,
        tier_entry.own_entry_bound,
        tier_entry.own_entry_is_included,
        tier_entry.next_entry_bound,
        {{ amount_missing(
            'tier_entry.next_entry_bound - own_value.number_value', 'tier_entry.next_entry_is_included'
        ) }} as amount_to_next_tier,
        own_value.number_value - tier_entry.own_entry_bound as amount_above_entry
    from held
    inner join tier_entry on tier_entry.scheme = held.scheme and tier_entry.tier_code = held.tier_code
    left join own_value
        on own_value.customer_id = held.customer_id and own_value.measure_id = tier_entry.own_measure_id
)

select * from final
