"""Gate 2 on a built release: it passes unchanged, and each rule finds what breaks it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.house import House, build_again

from expectations.contract import load_contract
from expectations.gate_2 import GateTwoResult, run_gate_2
from expectations.gate_2.gate import RULES, VIEWS
from expectations.policy.in_force import parameters
from expectations.rules import Rule, load_rules
from expectations.runner import GateError
from expectations.sql import render
from orchestration import stations
from orchestration.settings import Settings
from orchestration.store.releases import Release

D = date(2026, 11, 2)
CONTRACT = load_contract()
SHIPPED = {rule.rule_id: rule for rule in load_rules(RULES, CONTRACT, parameters(D))}
TIER, MEASURE = "month_in_hand.fct_customer_tier_monthly", "month_in_hand.fct_customer_measure_monthly"
EVIDENCE, WATCH = "month_in_hand.fct_tier_evidence", "month_in_hand.fct_tier_watch_monthly"
DUTY, BY_ORG = "month_in_hand.fct_visit_obligation_monthly", "month_in_hand.fct_visit_compliance_by_org_monthly"
SIGNAL = "month_in_hand.fct_visit_signal_monthly"
BY_EMPLOYEE = "month_in_hand.fct_visit_compliance_by_employee_monthly"
KPI, RANKING = "month_in_hand.fct_kpi_monthly", "month_in_hand.fct_ranking_monthly"
TARGET = "month_in_hand.fct_target_monthly"
APPRAISAL, CAMPAIGN = "marts.fct_appraisal", "marts.fct_campaign_result"
MIGRATION, STABILITY = "month_in_hand.fct_tier_migration_monthly", "month_in_hand.fct_tier_stability_monthly"
CAPACITY, GAP = "month_in_hand.fct_visit_capacity_monthly", "month_in_hand.fct_policy_gap_monthly"
POLICY_RULE, EXCEPTION = "month_in_hand.fct_policy_rule_monthly", "month_in_hand.fct_policy_exception_monthly"
VIEW, HOLDING = "month_in_hand.fct_customer_360_monthly", "month_in_hand.fct_customer_holding_monthly"
CONCENTRATION, FUNNEL = "month_in_hand.fct_concentration_monthly", "month_in_hand.fct_prospect_funnel_monthly"
ASSIGNMENT, LOAD = "month_in_hand.fct_maintenance_assignment_monthly", "month_in_hand.fct_manager_load_monthly"
STAFFING = "month_in_hand.fct_maintenance_capacity_monthly"
ACTION, ACTION_COUNT = "marts.fct_customer_action", "marts.fct_customer_action_count"
RED_LIST = "marts.fct_contact_red_list"
RUN = "marts.fct_refresh_run"
OTHER_SEGMENT = "segment = case segment when 'retail' then 'corporate' else 'retail' end"
ONE_ASSIGNED = f"customer_id = (select min(customer_id) from {ASSIGNMENT})"
ONE = f"customer_id = (select min(customer_id) from {TIER})"


def ring(*levels: str) -> str:
    """Make the first organisation of each level the parent of the one above, and close the ring."""
    firsts = [f"(select min(org_id) from marts.dim_organization where org_level = '{level}')" for level in levels]
    parents = " ".join(
        f"when {own} then {parent}" for own, parent in zip(firsts, [*firsts[1:], firsts[0]], strict=True)
    )
    return f"update marts.dim_organization set parent_org_id = case org_id {parents} else parent_org_id end"


def signals(signal: str, is_doubtful: str, **cells: str) -> str:
    """Give every accepted visit of the month a signal, with other cells than its own."""
    own = {name: name for name in ("visit_id", "employee_id", "customer_id", "visited_on")}
    columns = ", ".join(f"{cell} as {name}" for name, cell in (own | cells).items())
    return (
        f"insert into {SIGNAL} by name select date '2026-11-01' as policy_month, {columns}, '{signal}' as signal,"
        f" {is_doubtful} as is_doubtful from scratch.accepted.visit"
        " join (select date '2026-11-01' as first) on visited_on >= first"
    )


# As if the month before had been published when its last third was not recorded yet.
CLOSED_EARLIER = "update scratch.published.refresh_run set known_on = known_on - 10"

# Rule -> statements, each of which alone breaks it.
MUTATIONS: dict[str, list[str]] = {
    "dim_customer.accepted": [
        "delete from marts.dim_customer",
        f"delete from marts.dim_customer where {ONE}",
        f"update marts.dim_customer set customer_id = 'nobody' where {ONE}",
        f"update marts.dim_customer set lead_org_id = '13800138000' where {ONE}",
        f"insert into marts.dim_customer select * from marts.dim_customer where {ONE}",
        f"update marts.dim_customer set opened_on = opened_on + 1 where {ONE}",
    ],
    "dim_employee.accepted": [
        "delete from marts.dim_employee",
        "update marts.dim_employee set is_active = not is_active where is_active",
        "insert into marts.dim_employee select * from marts.dim_employee limit 1",
    ],
    "dim_organization.accepted": [
        "delete from marts.dim_organization where org_level = 'branch'",
        "update marts.dim_organization set org_name = org_name || '2' where org_level = 'branch'",
    ],
    "dim_organization.levels": [
        "update marts.dim_organization set branch_id = null where org_level = 'outlet'",
        "update marts.dim_organization set outlet_id = org_id where org_level = 'branch'",
    ],
    "dim_organization.way_up": [
        "update marts.dim_organization set parent_org_id = null where org_level = 'outlet'",
        "update marts.dim_organization set parent_org_id = org_id where org_level = 'branch'",
        "update marts.dim_organization set parent_org_id = 'gone' where org_level = 'branch'",
        "delete from marts.dim_organization where org_level = 'head_office'",
        ring("branch", "sub_branch"),
        ring("province_branch", "branch", "sub_branch", "outlet"),
    ],
    "fct_access_customer.assigned": [
        "delete from marts.fct_access_customer where customer_id = (select min(customer_id) from marts.dim_customer)",
        "insert into marts.fct_access_customer select max(employee_id), min(customer_id) || '-' "
        " from marts.fct_access_customer",
    ],
    "fct_access_right.policy": [
        "update marts.fct_access_right set employee_id = (select min(employee_id) from marts.dim_employee"
        " where employee_id not in (select employee_id from marts.fct_access_right))"
        " where employee_id = (select min(employee_id) from marts.fct_access_right)",
        "delete from marts.fct_access_right where scope = 'customers'",
        "update marts.fct_access_right set scope = 'bank' where scope = 'organization'",
    ],
    "dim_role.in_force": [
        "delete from marts.dim_role where role = 'teller'",
        "update marts.dim_role set staff_sequence = null where role = 'teller'",
    ],
    "dim_tier.in_force": [
        "delete from marts.dim_tier where tier_code = 'T3'",
        "update marts.dim_tier set label_zh = label_en where tier_code = 'T3'",
    ],
    "fct_customer_tier_monthly.grain": [f"insert into {TIER} select * from {TIER} where {ONE}"],
    "fct_customer_tier_monthly.population": [
        f"delete from {TIER} where {ONE}",
        f"update {TIER} set lead_org_id = 'nowhere' where {ONE}",
        f"update {TIER} set {OTHER_SEGMENT} where {ONE}",
        f"update marts.dim_customer set {OTHER_SEGMENT} where {ONE}",
    ],
    "fct_customer_tier_monthly.tier_code": [
        f"update {TIER} set tier_code = 'T9' where {ONE}",
        f"update {TIER} set tier_rank = tier_rank + 1 where {ONE}",
    ],
    "fct_customer_tier_monthly.movement": [
        f"update {TIER} set tier_movement = 'new' where previous_tier_code is not null",
        f"update {TIER} set tier_movement = 'same' where tier_movement = 'down'",
    ],
    "fct_customer_tier_monthly.previous": [
        f"update {TIER} set previous_tier_code = null where previous_tier_code = 'T4'",
        f"update {TIER} set previous_tier_code = 'T4' where previous_tier_code is null",
    ],
    "fct_customer_tier_monthly.next_tier": [
        f"update {TIER} set amount_to_next_tier = amount_to_next_tier + 0.02 where amount_to_next_tier is not null",
        f"update {TIER} set amount_to_next_tier = null where tier_code = 'T4'",
        f"update {TIER} set amount_to_next_tier = 1 where tier_code = 'T1'",
    ],
    "fct_customer_tier_monthly.holdings_conserved": [
        f"update {TIER} set financial_assets = financial_assets * 2",
        f"update {TIER} set deposit_balance = deposit_balance + 0.01 where {ONE}",
        f"update {TIER} set custody_margin_balance = 0",
    ],
    "fct_customer_tier_monthly.credit_conserved": [
        f"update {TIER} set loan_balance = loan_balance + 0.01 where loan_balance > 0",
        f"update {TIER} set target_credit_amount = 0",
    ],
    "fct_customer_tier_monthly.card_spend_conserved": [
        f"update {TIER} set card_spend_12m = card_spend_12m * 2",
        f"update {TIER} set card_spend_12m = 0",
    ],
    "fct_customer_tier_monthly.scope": [
        f"update {TIER} set is_in_scope = not is_in_scope",
        f"update {TIER} set is_in_scope = true where tier_code = 'T0'",
        f"update {TIER} set is_in_scope = false where tier_code = 'C3'",
        f"delete from {EVIDENCE} where scheme = 'retail_scope'",
    ],
    "fct_maintenance_assignment_monthly.population": [
        f"delete from {ASSIGNMENT} where {ONE_ASSIGNED}",
        f"insert into {ASSIGNMENT} select * from {ASSIGNMENT} where {ONE_ASSIGNED}",
        f"update {ASSIGNMENT} set recommended_role = 'teller' where {ONE_ASSIGNED}",
    ],
    "fct_maintenance_assignment_monthly.people": [
        f"update {ASSIGNMENT} set employee_id = 'E99999' where assignment_basis = 'allocated'",
        f"update {ASSIGNMENT} set beside_employee_id = 'E99999' where beside_employee_id is not null",
        f"update {ASSIGNMENT} set specialist_employee_id = 'E99999' where {ONE_ASSIGNED}",
        f"update {ASSIGNMENT} set credit_employee_id = 'E99999' where {ONE_ASSIGNED}",
        f"update {ASSIGNMENT} set employee_id = null, credit_employee_id = null where assignment_basis = 'existing'",
    ],
    "fct_manager_load_monthly.adds_up": [
        f"delete from {LOAD} where assigned_customers > 0",
        f"update {LOAD} set mismatched_customers = mismatched_customers + 1",
        f"update {LOAD} set assigned_financial_assets = assigned_financial_assets + 0.01",
    ],
    "fct_manager_load_monthly.cap": [
        f"update {LOAD} set load_cap = 1 where assigned_customers > 1",
        f"update {LOAD} set load_status = 'within' where load_status = 'under'",
    ],
    "fct_maintenance_capacity_monthly.adds_up": [
        f"delete from {STAFFING}",
        f"update {STAFFING} set unassigned = unassigned + 1, assigned_other = assigned_other - 1",
        f"update {STAFFING} set people_needed = people_needed + 1",
        f"update {STAFFING} set people_short = people_short + 1",
    ],
    "fct_customer_action.listed": [
        f"delete from {ACTION} where action_kind = 'contact_due'",
        f"update {ACTION} set lead_org_id = 'nowhere' where action_kind = 'contact_due'",
    ],
    "fct_customer_action.consent": [
        f"update {ACTION} set rule_id = 'AC-BIRTHDAY-RETAIL' where action_kind = 'product_maturing'",
        f"update {ACTION} set rule_id = 'AC-CONTACT_DUE-RETAIL' where action_kind = 'product_maturing'",
    ],
    "fct_customer_action_count.found": [
        f"delete from {ACTION_COUNT} where outcome = 'no_consent'",
        f"update {ACTION_COUNT} set actions = actions + 1 where outcome = 'listed'",
    ],
    "fct_customer_360_monthly.population": [
        f"delete from {VIEW} where {ONE}",
        f"insert into {VIEW} select * from {VIEW} where {ONE}",
        f"update {VIEW} set lead_org_id = 'nowhere' where {ONE}",
        f"update {VIEW} set tier_code = 'T9' where {ONE}",
    ],
    "fct_customer_360_monthly.depth": [
        f"update {VIEW} set product_depth = product_depth + 1 where {ONE}",
        f"delete from {HOLDING} where product_kind = 'debit_card'",
    ],
    "fct_customer_holding_monthly.conserved": [
        f"delete from {HOLDING} where product_kind = 'loan'",
        f"update {HOLDING} set items = items + 1 where product_kind = 'debit_card'",
        f"update {HOLDING} set balance = balance + 0.01 where product_kind = 'demand_deposit'",
        f"update {HOLDING} set balance = 0 where product_kind = 'custody_margin'",
        f"update {HOLDING} set lead_org_id = 'nowhere' where product_kind = 'fund'",
    ],
    "fct_contact_red_list.population": [
        f"delete from {RED_LIST}",
        f"update {RED_LIST} set reason = 'shared'",
        f"update {RED_LIST} set listed_since = listed_since - 1",
        f"update {VIEW} set red_list_reason = null, red_list_since = null",
    ],
    "fct_contact_red_list.scope": [
        f"delete from {RED_LIST}",
        f"update {TIER} set is_in_scope = false where customer_id in (select customer_id from {RED_LIST})",
    ],
    "fct_concentration_monthly.conserved": [
        f"delete from {CONCENTRATION} where group_code = 'T4'",
        f"update {CONCENTRATION} set customers = customers + 1 where group_code = 'C3'",
        f"update {CONCENTRATION} set value = value + 0.01 where measure = 'revenue_12m' and group_kind = 'tier'",
    ],
    "fct_concentration_monthly.groups": [
        f"delete from {CONCENTRATION} where group_kind = 'band'",
        f"delete from {CONCENTRATION} where group_code = '0.10' and measure = 'deposit_balance'",
        f"update {CONCENTRATION} set customers = customers + 1, share_of_customers = 1 where group_code = '0.01'",
        f"update {CONCENTRATION} set share_of_value = share_of_value * 2 where group_code = '0.20'",
        f"update {CONCENTRATION} set share_of_customers = 0 where group_code = 'T4'",
    ],
    "fct_prospect_funnel_monthly.conserved": [
        f"delete from {FUNNEL}",
        f"update {FUNNEL} set prospects = prospects + 1",
        f"update {FUNNEL} set contacted = contacted + 1",
        f"update {FUNNEL} set opened = prospects + 1",
        f"update {FUNNEL} set opened_c1 = opened + 1",
    ],
    "fct_customer_measure_monthly.population": [
        f"delete from {MEASURE} where {ONE}",
        f"update {MEASURE} set financial_assets = financial_assets + 0.01 where {ONE}",
        f"update {MEASURE} set target_credit_amount = 0",
    ],
    "fct_tier_stability_monthly.margin": [
        f"delete from {STABILITY} where tier_code = 'T0'",
        f"update {STABILITY} set moved_same = moved_same - 1, moved_up = moved_up + 1 where tier_code = 'T0'",
        f"update {STABILITY} set near_up = near_up + 1 where tier_code = 'T0'",
    ],
    "fct_tier_migration_monthly.margin": [
        f"update {MIGRATION} set financial_assets = financial_assets * 2",
        f"delete from {MIGRATION} where to_tier_code = 'T4'",
        f"update {MIGRATION} set from_tier_code = 'T5' where from_tier_code = 'T4'",
    ],
    "fct_tier_watch_monthly.near": [
        f"delete from {WATCH}",
        f"delete from {WATCH} where direction = 'down'",
        f"update {WATCH} set amount = amount + 1 where customer_id = (select min(customer_id) from {WATCH})",
    ],
    "fct_tier_evidence.complete": [
        f"delete from {EVIDENCE} where scheme = 'corporate_class'",
        f"update {EVIDENCE} set is_winner = false where scheme = 'retail_tier'",
    ],
    "fct_tier_evidence.classes": [f"delete from {EVIDENCE} where scheme = 'corporate_value'"],
    "fct_tier_evidence.clause": [
        f"alter table {EVIDENCE} alter clause_ref drop not null; update {EVIDENCE} set clause_ref = null where {ONE}"
    ],
    "fct_policy_rule_monthly.in_force": [
        f"delete from {POLICY_RULE} where scheme = 'retail_scope'",
        f"update {POLICY_RULE} set lower_bound = lower_bound * 2 where scheme = 'retail_tier'",
    ],
    "fct_policy_gap_monthly.complete": [f"delete from {GAP}"],
    "fct_policy_exception_monthly.in_force": [
        f"insert into {EXCEPTION} by name select date '2026-11-01' as policy_month, 'X-1' as exception_id,"
        " 'customer' as subject_kind, 'C1' as subject_id, 'VF-LEADER-C1' as rule_id, 'A' as approver, 'B' as reason,"
        " 'HOUSE' as clause_ref, date '2026-01-01' as valid_from, 0 as customers, 0 as excluded_duties"
    ],
    "fct_policy_exception_monthly.excluded": [
        f"update {DUTY} set status = 'excluded', shortfall = 0, exclusion_reason = 'exception' where tier_code = 'C1'"
    ],
    "fct_visit_obligation_monthly.grain": [f"insert into {DUTY} select * from {DUTY} limit 1"],
    "fct_visit_obligation_monthly.matrix": [
        f"delete from {DUTY}",
        f"update {DUTY} set required_contacts = required_contacts + 1 where tier_code = 'C1'",
        f"update {DUTY} set lead_org_id = 'nowhere' where tier_code = 'C1'",
        f"update {DUTY} set period_months = 3 where tier_code = 'C1'",
    ],
    "fct_visit_obligation_monthly.way_up": [
        "update marts.dim_organization set parent_org_id = null where org_level = 'branch'",
        f"update {DUTY} set lead_org_id = 'nowhere' where tier_code = 'C1'",
    ],
    "fct_visit_obligation_monthly.contacts": [
        f"update {DUTY} set counted_contacts = counted_contacts + 1000 where tier_code = 'C3'",
        f"update {DUTY} set last_contact_on = last_contact_on + 1000 where counted_contacts > 0",
        f"update {DUTY} set last_contact_on = null where counted_contacts > 0",
        f"update {DUTY} set last_contact_on = date '2026-11-02' where counted_contacts = 0",
    ],
    "fct_visit_obligation_monthly.doubtful": [
        f"update {DUTY} set doubtful_contacts = counted_contacts + 1 where counted_contacts > 0",
        f"update {DUTY} set doubtful_contacts = -1",
        f"update {DUTY} set doubtful_contacts = 1 where counted_contacts = 1",
        f"update {DUTY} set counted_contacts = counted_contacts + 1000",
    ],
    "fct_visit_obligation_monthly.status": [
        f"update {DUTY} set status = 'met' where status = 'open'",
        f"update {DUTY} set status = 'closed' where status = 'open'",
        f"update {DUTY} set counted_contacts = required_contacts, shortfall = 0 where status = 'open'",
        f"update {DUTY} set status = 'excluded', shortfall = 0 where status = 'open'",
        f"update {DUTY} set exclusion_reason = 'exception' where status = 'open'",
        f"update {DUTY} set shortfall = 0 where status = 'open'",
        f"update {DUTY} set counted_contacts = counted_contacts + 1 where status = 'open'",
    ],
    "fct_visit_obligation_monthly.calendar": [
        "delete from scratch.reference.ref_calendar_exception where calendar_date >= date '2026-01-01'",
    ],
    "fct_visit_obligation_monthly.late_visits": [CLOSED_EARLIER],
    "fct_visit_obligation_monthly.late_duties": [CLOSED_EARLIER],
    "fct_visit_capacity_monthly.conserved": [
        f"delete from {CAPACITY}",
        f"update {CAPACITY} set duties = duties + 1 where role_group = 'outlet_leader'",
    ],
    "fct_visit_compliance_by_org_monthly.conserved": [
        f"delete from {BY_ORG}",
        f"delete from {BY_ORG} where org_level = 'head_office'",
        f"delete from {BY_ORG} where role_group = 'all'",
        f"update {BY_ORG} set open = open - 1, met = met + 1 where org_level = 'head_office'",
        f"update {BY_ORG} set obligations = obligations * 2, met = met * 2, open = open * 2",
        f"update {BY_ORG} set credited_contacts = 0",
        f"update {BY_ORG} set met_without_doubtful = met + 1",
    ],
    "fct_visit_compliance_by_org_monthly.rates": [
        f"update {BY_ORG} set compliance_rate = 1",
        f"update {BY_ORG} set contact_completion_rate = null",
        f"update {BY_ORG} set compliance_rate_without_doubtful = 2",
    ],
    "fct_visit_compliance_by_employee_monthly.conserved": [
        f"update {BY_EMPLOYEE} set counted_contacts = counted_contacts + 1000",
        f"update {BY_EMPLOYEE} set customers_contacted = counted_contacts + 1",
        f"update {BY_EMPLOYEE} set org_id = 'nowhere'",
        f"update {BY_EMPLOYEE} set role = 'outlet_staff'",
    ],
    "fct_visit_compliance_by_employee_monthly.doubtful": [
        f"update {BY_EMPLOYEE} set doubtful_contacts = -1",
        f"update {BY_EMPLOYEE} set doubtful_contacts = counted_contacts + 1",
        f"update {BY_EMPLOYEE} set doubtful_contacts = 1 where doubtful_contacts = 0",
        f"update {BY_EMPLOYEE} set counted_contacts = counted_contacts + 1000",
    ],
    "fct_visit_compliance_by_employee_monthly.peers": [
        f"update {BY_EMPLOYEE} set peers = 0",
        f"update {BY_EMPLOYEE} set peers = 1000",
        f"update {BY_EMPLOYEE} set peer_median_contacts = 1 where peer_median_contacts is null",
    ],
    "fct_visit_signal_monthly.grain": [f"{signals('late_entry', 'true')} cross join range(2)"],
    "fct_visit_signal_monthly.visits": [
        signals("late_entry", "false"),
        signals("unknown", "true"),
        signals("late_entry", "true", visit_id="'nobody'"),
        signals("late_entry", "true", employee_id="'nobody'"),
        signals("late_entry", "true", customer_id="'nobody'"),
        signals("late_entry", "true", visited_on="visited_on - 1"),
        signals("late_entry", "true").replace(">=", "<"),
    ],
    "fct_visit_signal_monthly.recounted": [
        *(signals(signal, "true") for signal in ("late_entry", "crowded_day", "short_call")),
        "update scratch.policy.policy_visit_signal set threshold = -1 where signal = 'late_entry'",
        "update scratch.policy.policy_visit_signal set threshold = 0 where signal = 'crowded_day'",
    ],
    "fct_target_monthly.grain": [f"insert into {TARGET} select * from {TARGET} where period_kind = 'day'"],
    "fct_target_monthly.parts": [
        f"delete from {TARGET}",
        *(
            f"update {TARGET} set target = target + 0.01 where period_kind = '{kind}' and employee_id = 'all'"
            for kind in ("year", "quarter", "month", "week", "day")
        ),
        f"update {TARGET} set target = target + 0.01 where period_kind = 'day' and employee_id <> 'all'",
        f"update {TARGET} set target = target + 0.01 where period_kind = 'month' and employee_id <> 'all'",
        f"delete from {TARGET} where employee_id <> 'all'",
        f"update {TARGET} set target = target + case when period_start < date '2026-07-01' then 1 else -1 end"
        " where period_kind = 'quarter'",
    ],
    "fct_target_monthly.to_date": [
        *(
            f"update {TARGET} set target_to_date = target_to_date + 0.01 where period_kind = '{kind}'"
            for kind in ("year", "quarter", "month")
        ),
        f"update {TARGET} set target_to_date = null where employee_id <> 'all'",
        f"update {TARGET} set target_to_date = target where period_kind = 'week'",
        f"update {TARGET} set target_to_date = target where period_kind = 'month' and employee_id = 'all'",
    ],
    "fct_appraisal.grain": [f"insert into {APPRAISAL} select * from {APPRAISAL}"],
    "fct_appraisal.points": [
        f"update {APPRAISAL} set leader_score = 0, total_score = performance_score where leader_score > 0",
        f"update {APPRAISAL} set total_score = total_score + 1",
        f"update {APPRAISAL} set grade = null",
        f"update {APPRAISAL} set rule_id = null",
        f"update {APPRAISAL} set status = 'complete' where status <> 'complete'",
        f"update {APPRAISAL} set status = 'overdue' where status = 'complete'",
        f"delete from {APPRAISAL} where total_score is not null",
    ],
    "fct_appraisal.missing": [
        "update marts.fct_appraisal set status = 'overdue', leader_score = null, performance_score = null"
        " where employee_id = (select min(employee_id) from marts.fct_appraisal)",
    ],
    "fct_campaign_result.members": [
        f"delete from {CAMPAIGN} where campaign_id = (select min(campaign_id) from {CAMPAIGN})",
        f"update {CAMPAIGN} set targeted = targeted + 1",
        f"update {CAMPAIGN} set controls = controls - 1 where controls > 0",
        f"update {CAMPAIGN} set targeted = targeted + 1, controls = controls - 1 where controls > 0",
    ],
    "fct_campaign_result.rates": [
        f"update {CAMPAIGN} set contacted = targeted + 1",
        f"update {CAMPAIGN} set converted = converted + 1",
        f"update {CAMPAIGN} set contacted_without_consent = contacted + 1",
        f"update {CAMPAIGN} set controls_contacted = controls + 1",
        f"update {CAMPAIGN} set control_rate = 0.123",
        f"update {CAMPAIGN} set lift = null where lift is not null",
        f"update {CAMPAIGN} set lift_low = lift + 0.1",
        f"update {CAMPAIGN} set lift_high = null",
    ],
    "fct_kpi_monthly.subjects": [
        f"delete from {KPI} where metric = 'visits' and subject_kind = 'org'",
        f"delete from {KPI} where metric = 'assigned_customers'",
        f"insert into {KPI} select * from {KPI} where metric = 'customers'",
        f"update {KPI} set subject_id = 'nowhere' where metric = 'customers'",
        f"update {KPI} set metric = 'unheard' where metric = 'npl_ratio'",
    ],
    "fct_kpi_monthly.customers": [
        f"update {KPI} set value = value + 1 where metric = '{metric}' and subject_kind = 'org'"
        for metric in ("customers", "customers_in_scope", "financial_assets", "deposit_balance", "loan_balance")
    ],
    "fct_kpi_monthly.credited": [
        f"update {KPI} set value = value + 0.01 where metric = 'credited_revenue_12m'",
    ],
    "fct_kpi_monthly.parts": [
        f"update {KPI} set parts_difference = 0.01 where metric = 'deposit_balance'",
    ],
    "fct_kpi_monthly.reported": [
        f"update {KPI} set reported_month = policy_month, reported_value = value + 0.02"
        " where metric = 'deposit_balance'",
    ],
    "fct_kpi_monthly.reported_parts": [
        f"insert into {KPI} by name select * replace ('fee_income' as metric, -0.02 as parts_difference) from {KPI}"
        " where metric = 'customers'",
    ],
    "fct_kpi_monthly.unknown_metric": [
        "delete from scratch.policy.policy_metric where metric = 'fee_income'",
    ],
    "fct_ranking_monthly.ranks": [
        f"update {RANKING} set rank = rank + 1 where score is not null",
        f"update {RANKING} set rank = 1 where score is null",
        f"update {RANKING} set score = 1.5 where score is not null",
    ],
    "fct_ranking_monthly.peers": [
        f"update {RANKING} set peers = peers + 1 where subject_kind = 'org'",
        f"delete from {RANKING} where compare = 'growth'"
        f" and subject_id in (select min(subject_id) from {RANKING} where subject_kind = 'org')",
    ],
    "dim_label.grain": ["insert into marts.dim_label select * from marts.dim_label limit 1"],
    "dim_date.days": [
        "delete from marts.dim_date where calendar_date = date '2026-10-08'",
        "update marts.dim_date set is_working_day = false where policy_month = date '2026-11-01'",
    ],
    "dim_month.published": [
        "delete from marts.dim_month where is_closed",
        "update marts.dim_month set is_newest = true",
        "update marts.dim_month set is_newest = false",
        "update marts.dim_month set policy_month = date '2026-12-01' where is_newest",
    ],
    "fct_refresh_run.this_run": [
        f"delete from {RUN}",
        f"delete from {RUN} where business_date = date '2026-11-02'",
        f"delete from {RUN} where business_date = date '2026-10-31'",
        f"insert into {RUN} select * from {RUN} where business_date = date '2026-11-02'",
        f"update {RUN} set rows_accepted = rows_accepted - 1 where business_date = date '2026-11-02'",
    ],
    "fct_quarantine.adds_up": [
        "insert into marts.fct_quarantine by name select 'visit' as table_name, date '2026-11-02' as business_date,"
        " 'V1' as row_key, 'visit.employee_id.reference' as rule_id, 'quarantine' as severity, 1 as rows_held,"
        " 1 as rows_counted"
    ],
    "fct_held_back_monthly.adds_up": [
        "insert into month_in_hand.fct_held_back_monthly by name select date '2026-11-01' as policy_month,"
        " 'nobody' as customer_id, 'visit' as table_name, 'visit.channel.enum' as rule_id, 1 as rows_held"
    ],
    "every_mart.month": [
        f"update {TIER} set policy_month = date '2026-10-01'",
        f"update {CAPACITY} set policy_month = date '2026-12-01' where role_group = 'outlet_leader'",
    ],
    "every_mart.personal_number": [
        "update marts.dim_customer set lead_org_id = '13800138000'",
        f"update {EVIDENCE} set observed_value = 'call +86 138-0013-8000' where {ONE}",
        f"update {GAP} set rationale = '身份证11010519491231002X'",
        "update marts.dim_organization set org_name = '91110000600037341L' where org_level = 'outlet'",
    ],
}
CASES = [
    pytest.param(rule, statement, id=f"{rule}-{number}")
    for rule, statements in MUTATIONS.items()
    for number, statement in enumerate(statements)
]


@dataclass(frozen=True)
class Built:
    """A release under construction as dbt left it, with the scratch it was built from."""

    settings: Settings

    def copy(self, folder: Path) -> Built:
        """Copy it to a folder to be altered."""
        other = Built(replace(self.settings, output=folder))
        for file, target in (
            (self.settings.building, other.settings.building),
            (self.settings.warehouse, other.settings.warehouse),
        ):
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
        return other

    def alter(self, statement: str) -> None:
        """Alter the release or its scratch; a statement that affects no row would prove nothing."""
        with duckdb.connect(str(self.settings.building)) as connection:
            if "scratch." in statement:
                connection.execute(f"attach '{self.settings.warehouse}' as scratch")
            counted = connection.execute(statement).fetchall()
        assert counted[0][0] > 0, statement

    def judge(self, *rules: str | Rule) -> GateTwoResult:
        """Judge it by some shipped rules (by name), by the test's own rules, or by default by all."""
        chosen = [SHIPPED[rule] if isinstance(rule, str) else rule for rule in rules]
        with self.open() as connection:
            return run_gate_2(connection, CONTRACT, parameters(D), rules=chosen or None)

    def open(self) -> duckdb.DuckDBPyConnection:
        """Open the release with the scratch attached read-only, as the station does."""
        connection = duckdb.connect(str(self.settings.building))
        connection.execute(f"attach '{self.settings.warehouse}' as scratch (read_only)")
        return connection

    def findings(self) -> list[tuple[Any, ...]]:
        """Return what the run keeps of gate 2."""
        with duckdb.connect(str(self.settings.warehouse), read_only=True) as connection:
            return connection.execute(
                "select rule_id, severity, table_name from run.finding where gate = 'gate 2' order by all"
            ).fetchall()


@pytest.fixture(scope="module")
def built(published_bank: House, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Built]:
    """Return the newest release of the published bank as dbt built it: its month and its as-of tables."""
    folder = tmp_path_factory.mktemp("built")
    built = Built(Settings(landing=published_bank.landing, output=folder / "output", memory_limit="500MB"))
    built.settings.warehouse.parent.mkdir(parents=True)
    shutil.copyfile(published_bank.settings.warehouse, built.settings.warehouse)
    build_again(Release(published_bank.current.parent.resolve()), built.settings.building)
    yield built


@pytest.fixture
def altered(built: Built, tmp_path: Path) -> Built:
    """Return a copy to alter."""
    return built.copy(tmp_path / "output")


@pytest.fixture(scope="module")
def views(built: Built) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a connection with the gate's views and functions; no rule has run."""
    with built.open() as connection:
        run_gate_2(connection, CONTRACT, parameters(D), rules=[])
        yield connection


# ------------------------------------------------------------------ as it stands


SAID_OF_THE_SAMPLE = {"fct_appraisal.missing", "fct_kpi_monthly.reported", "fct_kpi_monthly.unknown_metric"}


def test_a_sound_release_passes_every_rule(built: Built) -> None:
    result = built.judge()
    # The sample bank reports a ledger's approximation, one metric that the policy does not know, and lacks appraisals.
    assert {finding.rule_id for finding in result.findings} == SAID_OF_THE_SAMPLE
    assert all(finding.severity == "warning" for finding in result.findings)
    assert sum(result.rules_run.values()) == len(SHIPPED)


def test_the_release_is_only_read(built: Built) -> None:
    before = built.settings.building.read_bytes()
    built.judge("every_mart.personal_number", "fct_visit_obligation_monthly.contacts")
    assert built.settings.building.read_bytes() == before


# ------------------------------------------------------------------ each rule finds something


def test_every_rule_has_a_mutation() -> None:
    assert MUTATIONS.keys() == SHIPPED.keys()
    assert all(MUTATIONS.values())


@pytest.mark.parametrize(("rule", "statement"), CASES)
def test_a_rule_finds_what_breaks_it(altered: Built, rule: str, statement: str) -> None:
    altered.alter(statement)
    result = altered.judge(rule)
    assert {finding.rule_id for finding in result.findings} == {rule}
    assert all(finding.rows > 0 for finding in result.findings)
    assert bool(result.blocking) == (SHIPPED[rule].severity == "block")


def test_a_finding_over_all_marts_is_of_the_mart_that_breaks_the_rule(altered: Built) -> None:
    altered.alter(f"update {GAP} set rationale = '13800138000'")
    altered.alter("update marts.dim_organization set org_name = '13800138000' where org_level = 'branch'")
    found = altered.judge("every_mart.personal_number").blocking
    assert [finding.table for finding in found] == ["dim_organization", "fct_policy_gap_monthly"]
    assert "13800138000" not in "".join(map(str, found))


def test_a_broken_way_up_names_organisations_and_counts_the_duties_that_superiors_lack(altered: Built) -> None:
    """Two branches that are each other's parent cut everything below them off from head office."""
    rules = ("dim_organization.way_up", "fct_visit_obligation_monthly.way_up")
    altered.alter(ring("branch", "sub_branch"))
    with altered.open() as connection:
        ((top,),) = connection.execute(
            "select min(org_id) from marts.dim_organization where org_level = 'branch'"
        ).fetchall()
        below = [
            org
            for (org,) in connection.execute(
                "select org_id from marts.dim_organization where branch_id = ? order by org_id", [top]
            ).fetchall()
        ]
        ((duties,),) = connection.execute(
            f"select count(*) from {DUTY} where list_contains(?, lead_org_id)", [below]
        ).fetchall()
    found = {finding.rule_id: finding for finding in altered.judge(*rules).findings}
    assert {rule: finding.severity for rule, finding in found.items()} == dict.fromkeys(rules, "warning")
    assert found[rules[0]].rows == len(below) > 5
    assert found[rules[1]].rows == duties > 0
    assert found[rules[0]].detail == f"{', '.join(below[:5])} and {len(below) - 5} more"


# ------------------------------------------------------------------ nobody's finding


def test_a_rule_of_a_table_that_is_no_mart_is_refused(built: Built) -> None:
    """Its finding would belong to no mart and block nothing."""
    rule = replace(SHIPPED["dim_tier.in_force"], rule_id="dim_branch.accepted", table="dim_branch")
    with pytest.raises(GateError, match=r"dim_branch\.accepted names marts\.dim_branch"):
        built.judge(rule)
    other_schema = replace(SHIPPED["dim_tier.in_force"], schema="month_in_hand")
    with pytest.raises(GateError, match=r"names month_in_hand\.dim_tier"):
        built.judge(other_schema)


def test_every_mart_has_a_blocking_rule(built: Built) -> None:
    with built.open() as connection:
        marts = connection.execute(
            "select table_name from duckdb_tables() where database_name = current_database()"
        ).fetchall()
    blocking = {rule.table for rule in SHIPPED.values() if rule.severity == "block"}
    assert blocking - {"every_mart"} == {name for (name,) in marts}
    assert {rule.schema for rule in SHIPPED.values() if rule.table == "every_mart"} == {VIEWS}


# ------------------------------------------------------------------ in the line


def test_the_station_keeps_what_blocks(altered: Built) -> None:
    altered.alter(f"update {TIER} set loan_balance = loan_balance + 1 where loan_balance > 0")
    altered.alter("update marts.dim_organization set parent_org_id = null where org_level = 'outlet'")
    result = stations.judge_marts(altered.settings, D)
    blocked = {(finding.rule_id, finding.table) for finding in result.blocking}
    assert ("fct_customer_tier_monthly.credit_conserved", "fct_customer_tier_monthly") in blocked
    kept = altered.findings()
    assert ("fct_customer_tier_monthly.credit_conserved", "block", "fct_customer_tier_monthly") in kept
    assert ("dim_organization.way_up", "warning", "dim_organization") in kept
    assert {(rule, table) for rule, severity, table in kept if severity == "block"} == blocked


# ------------------------------------------------------------------ what is a number of a person


@pytest.mark.parametrize(
    ("value", "is_personal"),
    [
        ("13800138000", True),
        ("138 0013 8000", True),
        ("+86-13800138000", True),
        ("电话13800138000。", True),
        ("12800138000", False),
        ("138001380001", False),
        ("C13800138000", False),
        ("2026-11-02", False),
        ("deposit_balance = 13800138000", False),
        ("13800138000 <= deposit_balance", False),
        ("deposit_balance = 13800138000; call 13800138000", True),
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("no. 11010519491231002X", True),
        ("91110000600037341L", True),
        ("91110000600037341M", False),
        ("91110000600037341l", True),
        ("91110000600037341m", False),
        ("policy-7c10e4153a6b", False),
        ("", False),
    ],
)
def test_what_is_a_number_of_a_person(views: duckdb.DuckDBPyConnection, value: str, is_personal: bool) -> None:
    views.execute(
        "create or replace table gate_2.written as select 'a_mart' as table_name, ?::varchar as value", [value]
    )
    query = render(RULES.with_suffix("") / "every_mart.personal_number.sql", {"batch": "gate_2.written"})
    assert views.execute(query).fetchall() == [("a_mart",)] * is_personal


def test_a_key_may_look_like_a_number_of_a_person(altered: Built) -> None:
    """A bank's customer numbers may have eleven digits; a key in the accepted rows counts as a key."""
    altered.alter(f"update marts.dim_customer set customer_id = '13800138000' where {ONE}")
    assert altered.judge("every_mart.personal_number").blocking
    with duckdb.connect(str(altered.settings.warehouse)) as connection:
        connection.execute("insert into gate_1.quarantine by name select '13800138000' as row_key")
    assert not altered.judge("every_mart.personal_number").blocking
