with

rules_met as (
    select * from {{ ref('int_decision__rules_met_stage_2') }}
),

condition as (
    select * from {{ ref('int_policy__conditions') }}
    where is_soft
),

soft_measure as (
    select distinct measure_id from condition
),

measure_values as (
    select measure_values.*
    from {{ ref('int_customer__measure_values') }} as measure_values
    inner join soft_measure on soft_measure.measure_id = measure_values.measure_id
),

asked as (
    select
        rules_met.customer_id,
        condition.*
    from rules_met
    inner join condition on condition.rule_id = rules_met.rule_id
),

held as (
    select
        asked.customer_id,
        asked.rule_id,
        asked.condition_no
    from asked
    inner join measure_values as measured
        on measured.customer_id = asked.customer_id and {{ condition_holds('measured', 'asked') }}
),

missed as (
    select distinct
        asked.customer_id,
        asked.rule_id,
        asked.condition_no,
        asked.measure_id
    from asked
    left join held
        on
            held.customer_id = asked.customer_id
            and held.rule_id = asked.rule_id
            and held.condition_no = asked.condition_no
    where held.customer_id is null
),

-- What the text requires in principle only and the customer does not meet (R53).
final as (
    select
        customer_id,
        rule_id,
        {{ listagg('measure_id', 'condition_no, measure_id') }} as soft_conditions_missed
    from missed
    group by customer_id, rule_id
)

select * from final
