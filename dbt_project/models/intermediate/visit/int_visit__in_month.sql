{{ config(materialized="view") }}

with

visit as (
    select * from {{ ref('stg_landing__visit') }}
),

run_context as (
    select * from {{ ref('stg_run__context') }}
),

final as (
    select
        visit.visit_id,
        visit.employee_id,
        visit.customer_id,
        visit.visited_on,
        visit.channel in {{ listed('in_person_channel') }} as is_in_person,
        visit.channel in {{ listed('call_channel') }} as is_call,
        visit.outcome,
        visit.place,
        visit.started_at,
        visit.ended_at,
        visit.biz_date
    from visit
    cross join run_context
    where visit.visited_on >= run_context.policy_month and visit.visited_on <= run_context.business_date
)

select * from final
