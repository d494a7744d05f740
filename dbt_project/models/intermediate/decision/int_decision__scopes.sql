{{ config(materialized="view") }}

with

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

route_met as (
    select distinct customer_id from {{ ref('int_decision__rules_met_stage_1') }}
),

scope_scheme as (
    {{ rows_in_force('policy_scheme') }}
),

-- A customer is in scope if it meets a route or, in a segment without a scope scheme, has more than the default tier.
final as (
    select
        held.customer_id,
        case
            when scope_scheme.scheme is null then not held.is_default
            else route_met.customer_id is not null
        end as is_in_scope
    from held
    left join scope_scheme on scope_scheme.segment = held.segment and scope_scheme.purpose = 'scope'
    left join route_met on route_met.customer_id = held.customer_id
)

select * from final
