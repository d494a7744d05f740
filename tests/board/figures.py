"""What each chart of the Chinese board shows for the newest month, asked of the marts by a query of its own.

A query has the chart's columns in its order, then its metrics. M stands for the newest month; `zh` gives a label,
`org` the name of an organisation, `br` and `outlet` those of its branch and outlet, `tier` that of a tier.
"""

from __future__ import annotations

# No column here bears the name of one that a macro is given: the inner name would win.
MACROS = """
create or replace temp table place_ as
select
    o.org_id as o_id,
    o.org_name as o_name,
    b.org_name as o_branch,
    n.org_name as o_outlet
from dim_organization as o
left join dim_organization as b on b.org_id = coalesce(o.branch_id, o.province_branch_id, o.org_id)
left join dim_organization as n on n.org_id = coalesce(o.outlet_id, o.org_id);
create or replace temp table label_ as select code_set as l_set, code as l_code, label_zh as l_zh from dim_label;
create or replace temp table tier_ as select tier_code as t_code, tier_code || ' ' || label_zh as t_zh from dim_tier;
create or replace temp macro zh(s, c) as (select l_zh from label_ where l_set = s and l_code = c);
create or replace temp macro org(o) as (select o_name from place_ where o_id = o);
create or replace temp macro br(o) as (select o_branch from place_ where o_id = o);
create or replace temp macro outlet(o) as (select o_outlet from place_ where o_id = o);
create or replace temp macro tier(c) as (select t_zh from tier_ where t_code = c);
"""
_CUSTOMERS = "from fct_customer_tier_monthly where policy_month = M"
_LEVEL = """
    from fct_visit_compliance_by_org_monthly where policy_month = M and role_group = 'all' and org_level =
"""
_RATES = """
    compliance_rate, met, met + open + missed, open, missed, contact_completion_rate, compliance_rate_without_doubtful
"""
_TOP = """
    select '前' || lpad((group_code::decimal(9, 2) * 100)::int::varchar, 2, '0') || '%', org(org_id), share_of_value
    from fct_concentration_monthly join dim_organization using (org_id)
    where policy_month = M and org_level = 'branch' and group_kind = 'top' and measure =
"""

FIGURES = {
    "customers_in_all": f"select count(*) {_CUSTOMERS}",
    "customers_in_scope": f"select count(*) {_CUSTOMERS} and is_in_scope",
    "assets_in_all": f"select sum(financial_assets) / 10000 {_CUSTOMERS}",
    "loans_in_all": f"select sum(loan_balance) / 10000 {_CUSTOMERS}",
    "tier_pyramid": """
        select tier(to_tier_code), sum(customers) from fct_tier_migration_monthly where policy_month = M group by 1
    """,
    "tier_value": """
        select tier(to_tier_code), sum(financial_assets) / 10000
        from fct_tier_migration_monthly where policy_month = M group by 1
    """,
    "tier_table": f"""
        select zh('segment', segment), tier(tier_code), count(*), sum(financial_assets) / 10000,
            sum(financial_assets) / count(*) / 10000, sum(deposit_balance) / 10000, sum(card_spend_12m) / 10000,
            sum(loan_balance) / 10000
        {_CUSTOMERS} group by segment, tier_code
    """,
    "outlet_tiers": f"select org(lead_org_id), tier(tier_code), count(*) {_CUSTOMERS} and is_in_scope group by all",
    "tier_trend": """
        select strftime(policy_month, '%Y-%m'), tier(tier_code), count(*)
        from fct_customer_tier_monthly where is_in_scope group by all
    """,
    "moves_matrix": """
        select tier(to_tier_code), tier(from_tier_code), sum(customers)
        from fct_tier_migration_monthly where policy_month = M and from_tier_code is not null group by all
    """,
    "moves_by_tier": f"select tier(tier_code), zh('tier_movement', tier_movement), count(*) {_CUSTOMERS} group by all",
    "moves_table": f"""
        select coalesce(tier(from_tier_code), '（新客户）'), tier(to_tier_code), zh('tier_movement', movement),
            customers, assets
        from (
            select previous_tier_code as from_tier_code, tier_code as to_tier_code, tier_movement as movement,
                count(*) as customers, sum(financial_assets) / 10000 as assets
            {_CUSTOMERS} group by all
        )
    """,
    "moves_by_outlet": f"""
        select org(lead_org_id), zh('tier_movement', tier_movement), count(*) {_CUSTOMERS} group by all
    """,
    "compliance_by_branch": f"select org(org_id), {_RATES} {_LEVEL} 'branch'",
    "compliance_by_outlet": f"select br(org_id), org(org_id), {_RATES} {_LEVEL} 'outlet'",
    "compliance_by_role_group": """
        select org(org_id), zh('role_group', role_group), compliance_rate from fct_visit_compliance_by_org_monthly
        where policy_month = M and role_group <> 'all' and org_level = 'outlet'
    """,
    "compliance_trend": """
        select strftime(policy_month, '%Y-%m'), org(org_id), compliance_rate from fct_visit_compliance_by_org_monthly
        where role_group = 'all' and org_level = 'branch'
    """,
    "contacts_by_person": """
        select outlet(org_id), employee_id, zh('role', role), counted_contacts, peer_median_contacts,
            customers_contacted, doubtful_contacts
        from fct_visit_compliance_by_employee_monthly where policy_month = M
    """,
    "duties_by_status": """
        select zh('role_group', role_group), zh('obligation_status', status), count(*)
        from fct_visit_obligation_monthly where policy_month = M group by all
    """,
    "overdue": """
        select org(lead_org_id), customer_id, tier(tier_code), zh('role_group', role_group),
            zh('obligation_status', status), required_contacts, counted_contacts, shortfall,
            round(greatest(expected_to_date - counted_contacts, 0)::decimal(18, 6), 1),
            strftime(last_contact_on, '%Y-%m-%d'), clause_ref
        from fct_visit_obligation_monthly
        where policy_month = M and status in ('open', 'missed') and shortfall > 0
    """,
    "load_by_role": """
        select zh('role', role), zh('load_status', load_status), count(*)
        from fct_manager_load_monthly where policy_month = M group by all
    """,
    "load_table": """
        select zh('role', role), count(*), sum(assigned_customers), sum(load_cap),
            sum(assigned_customers) / sum(load_cap), sum(assigned_financial_assets) / 10000
        from fct_manager_load_monthly where policy_month = M group by role
    """,
    "hiring": """
        select br(org_id), outlet(org_id), zh('role', role), people_short, people_needed, people, customers,
            assigned_matching, assigned_other, unassigned
        from fct_maintenance_capacity_monthly where policy_month = M
    """,
    "visit_load": """
        select zh('role_group', role_group), sum(required_contacts), sum(possible_contacts)
        from fct_visit_capacity_monthly where policy_month = M group by role_group
    """,
    "visit_load_by_outlet": """
        select org(org_id), zh('role_group', role_group), required_contacts / nullif(possible_contacts, 0),
            required_contacts, possible_contacts, greatest(people_needed - people, 0)
        from fct_visit_capacity_monthly where policy_month = M
    """,
    "load_by_person": """
        select org(org_id), employee_id, zh('role', role), assigned_customers, load_floor, load_cap,
            zh('load_status', load_status), mismatched_customers, assigned_financial_assets
        from fct_manager_load_monthly where policy_month = M
    """,
    "actions_in_all": "select sum(actions) from fct_customer_action_count where outcome = 'listed'",
    "actions_due": "select count(*) from fct_customer_action where due_on <= as_of_date",
    "actions_customers": "select count(distinct customer_id) from fct_customer_action",
    "actions_by_kind": """
        select zh('action_kind', action_kind), tier(tier_code), count(*) from fct_customer_action group by all
    """,
    "actions_by_outlet": """
        select zh('action_kind', action_kind), org(lead_org_id), actions
        from fct_customer_action_count where outcome = 'listed'
    """,
    "actions_outcome": """
        select zh('action_kind', action_kind), zh('action_outcome', outcome), sum(actions)
        from fct_customer_action_count group by all
    """,
    "actions_list": """
        select priority, zh('action_kind', action_kind), strftime(due_on, '%Y-%m-%d'), org(lead_org_id), employee_id,
            customer_id, tier(tier_code), items, amount, clause_ref
        from fct_customer_action
    """,
    "campaign_lift": """
        select campaign_id, lift_low, lift, lift_high from fct_campaign_result where lift is not null
    """,
    "campaign_funnel": """
        select zh('campaign_status', status), sum(targeted), sum(contacted), sum(converted)
        from fct_campaign_result group by status
    """,
    "campaign_list": """
        select campaign_id, org(org_id), strftime(starts_on, '%Y-%m-%d'), strftime(ends_on, '%Y-%m-%d'),
            zh('campaign_status', status), targeted, contacted, contacted_without_consent, converted, controls,
            controls_contacted, controls_converted, lift, lift_low, lift_high
        from fct_campaign_result
    """,
    "concentration_deposits": f"{_TOP} 'deposit_balance'",
    "concentration_assets": f"{_TOP} 'financial_assets'",
    "concentration_table": """
        select org(org_id), zh('segment', segment), zh('concentration_measure', measure),
            '前' || lpad((group_code::decimal(9, 2) * 100)::int::varchar, 2, '0') || '%', customers, value,
            (
                select sum(w.value) from fct_concentration_monthly as w
                where w.group_kind = 'tier' and (w.policy_month, w.org_id, w.segment, w.measure)
                    = (c.policy_month, c.org_id, c.segment, c.measure)
            ),
            share_of_value
        from fct_concentration_monthly as c where policy_month = M and group_kind = 'top'
    """,
    "runs_trend": """
        select strftime(business_date, '%Y-%m-%d'), sum(rows_quarantined) / sum(rows_received)
        from fct_refresh_run group by business_date
    """,
    "quarantine_by_table": """
        select zh('landing_table', table_name), sum(rows_counted) from fct_quarantine group by table_name
    """,
    "quarantine_rules": """
        select zh('landing_table', table_name), rule_id, zh('severity', severity),
            strftime(business_date, '%Y-%m-%d'), count(*), sum(rows_counted)
        from fct_quarantine group by table_name, rule_id, severity, business_date
    """,
    "runs_table": """
        select strftime(business_date, '%Y-%m-%d'), run_id, rows_received, rows_accepted, rows_quarantined,
            policy_version
        from fct_refresh_run
    """,
    "held_back_customers": """
        select org(customer.lead_org_id), zh('landing_table', table_name), rule_id, count(distinct customer_id),
            sum(rows_held)
        from fct_held_back_monthly left join dim_customer as customer using (customer_id)
        where policy_month = M group by customer.lead_org_id, table_name, rule_id
    """,
}
