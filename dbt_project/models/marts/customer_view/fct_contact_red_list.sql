with

red_list as (
    select * from {{ ref('int_customer__red_list') }}
),

customer as (
    select * from {{ ref('int_customer__segments') }}
),

held as (
    select * from {{ ref('int_decision__held_tiers') }}
),

assignment as (
    select * from {{ ref('int_maintenance__assignments') }}
),

corporate_manager as (
    select * from {{ ref('int_maintenance__corporate_managers') }}
),

-- Retail customers are assigned, corporate ones have managers.
final as (
    select
        red_list.customer_id,
        customer.lead_org_id,
        held.tier_code,
        red_list.reason,
        coalesce(assignment.employee_id, corporate_manager.employee_id) as employee_id,
        red_list.listed_since
    from red_list
    inner join customer on customer.customer_id = red_list.customer_id
    inner join held on held.customer_id = red_list.customer_id
    left join assignment on assignment.customer_id = red_list.customer_id
    left join corporate_manager on corporate_manager.customer_id = red_list.customer_id
)

select * from final
