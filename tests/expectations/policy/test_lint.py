"""The policy lint: sound as shipped, and each fault is named with its file, line and rule."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
import yaml
from support.policy_folder import D, Folder

from expectations.contract import load_contract
from expectations.findings import Finding
from expectations.policy.checks.figures import COUNTED
from expectations.policy.checks.maintenance import ACTION_KINDS, GROUP_KINDS, PROFILE_FIELDS, SCOPES, VALUE_LISTS
from expectations.policy.checks.visits import SIGNALS
from expectations.policy.lint import lint
from expectations.policy.reading import load_policy
from expectations.project import POLICY_FOLDER, PROJECT_ROOT, REFERENCE_FOLDER
from orchestration.settings import Settings
from orchestration.stations import PolicyRefusedError, lint_policy

Change = Callable[[Folder], object]
RULES = "policy_tier_rule"
ROLES = next(column.enum for column in load_contract().tables["employee"].columns if column.name == "role")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a copy of the shipped policy."""
    return Folder(tmp_path / "policy")


def drop(family: str, *names: str) -> Change:
    return lambda folder: folder.drop(family, *names)


def change(family: str, name: str, number: int | None = None, **cells: str) -> Change:
    return lambda folder: folder.change(family, name, number, **cells)


def add(family: str, like: str, **cells: str) -> Change:
    return lambda folder: folder.add(family, like, **cells)


def expect(folder: Folder, family: str, rule: str, message: str, number: int | None = None) -> str:
    """The line that the lint prints for a rule."""
    return f"{family}.csv:{folder.line(family, rule, number)} {rule} {message}"


# ---------------------------------------------------------------- as shipped


def test_the_shipped_rows_are_sound_on_every_date() -> None:
    assert lint(load_policy()) == ()
    assert lint(load_policy(), D) == ()


# ---------------------------------------------------------------- the text read literally


def test_points_from_70_to_80_have_no_grade_in_the_text(folder: Folder) -> None:
    folder.drop("policy_score_band", "AG-PASS-GAP")
    message = "hole: appraisal_grade: nobody decides appraisal_score from 70 to below 80 [L1]"
    assert folder.problems() == [expect(folder, "policy_score_band", "AG-PASS", message)]


def test_2_yi_and_50_million_belong_to_two_classes_in_the_text(folder: Folder) -> None:
    """2亿元以上 and 2亿元以下, 5000万元以上 and 5000万元以下: both ends include their number."""
    folder.change(RULES, "CC-C2-DEPOSIT", upper_inclusive="true")
    folder.change(RULES, "CC-C3-DEPOSIT", 1, upper_inclusive="true")
    assert folder.problems() == [
        expect(
            folder, RULES, "CC-C2-DEPOSIT",
            "shared bound: corporate_class: both CC-C1-DEPOSIT and CC-C2-DEPOSIT hold at deposit_balance = 200,000,000"
            " [L1]",
        ),
        expect(
            folder, RULES, "CC-C3-DEPOSIT",
            "shared bound: corporate_class: both CC-C2-DEPOSIT and CC-C3-DEPOSIT hold at deposit_balance = 50,000,000"
            " with open_accounts from 1 [L1]",
        ),
    ]  # fmt: skip


def test_200_thousand_and_100_thousand_belong_to_two_tiers_in_the_text(folder: Folder) -> None:
    for rule in ("RT-T3-AUM", "RT-T4-AUM"):
        folder.change(RULES, rule, upper_inclusive="true")
    found = "\n".join(folder.problems())
    assert "both RT-T2-AUM and RT-T3-AUM hold at financial_assets = 200,000" in found
    assert "both RT-T3-AUM and RT-T4-AUM hold at financial_assets = 100,000" in found


def test_a_bound_that_neither_side_includes_is_a_hole(folder: Folder) -> None:
    folder.change(RULES, "RT-T2-AUM", lower_inclusive="false")
    # Customers admitted by head office still have a tier.
    message = "hole: retail_tier: nobody decides financial_assets = 200,000 with wealth_admission unknown [L1]"
    assert folder.problems() == [expect(folder, RULES, "RT-T3-AUM", message)]


def test_credit_below_2_yi_has_no_class_in_the_text(folder: Folder) -> None:
    folder.drop(RULES, "CC-C3-CREDIT")
    # Above 50 million in deposits another rule decides, whatever the credit.
    message = (
        "hole: corporate_class: nobody decides deposit_balance below 50,000,000 with target_credit_amount below"
        " 200,000,000, open_accounts = 0 and valid_credit_lines from 1 [L1]"
    )
    idle = "idle route: no rule of corporate_class takes the route credit"
    found = folder.problems()
    assert [line for line in found if "hole" in line] == [expect(folder, RULES, "CC-C0-NONE", message)]
    assert not any(idle in line for line in found), "class one still takes the route"


def test_nobody_is_named_for_60_and_older_with_50_to_100_thousand(folder: Folder) -> None:
    folder.drop("policy_maintainer", "RM-T4-FROM-60")
    message = "hole: retail_maintainer: nobody decides retail_tier T4 with age from 60 [L1]"
    assert folder.problems() == [expect(folder, "policy_maintainer", "RM-T4-UNDER-60", message)]


def test_the_text_names_no_tier_for_who_is_in_scope_by_another_route(folder: Folder) -> None:
    folder.drop(RULES, "RT-T5-*")
    message = (
        "hole: retail_tier: nobody decides financial_assets below 50,000 with scope_route only card_grade, card_spend,"
        " custody or loan [L1]"
    )
    holes = [line for line in folder.problems() if " hole: " in line]
    assert holes == [expect(folder, RULES, "RT-T4-AUM", message)]


@pytest.mark.parametrize(
    ("rule", "route"),
    [
        ("RT-T5-CARD-SPEND", "card_spend"),
        ("RT-T5-LOAN", "loan"),
        ("RT-T5-CUSTODY", "custody"),
        ("RT-T5-GRADE", "card_grade"),
    ],
)
def test_each_route_alone_needs_its_tier(folder: Folder, rule: str, route: str) -> None:
    folder.drop(RULES, rule)
    message = f"hole: retail_tier: nobody decides financial_assets below 50,000 with scope_route only {route} [L1]"
    assert [line.split(" ", 2)[2] for line in folder.problems() if " hole: " in line] == [message]


# ---------------------------------------------------------------- slips of unit


@pytest.mark.parametrize("written", ["20000.00", "2.00", "200000000000000.00"])
def test_2_yi_in_another_unit_is_a_slip(folder: Folder, written: str) -> None:
    """All three neighbours have the same slip, so the proof alone would find nothing."""
    folder.change(RULES, "CC-C1-DEPOSIT", lower_bound=written)
    folder.change(RULES, "CC-C2-DEPOSIT", upper_bound=written)
    shown = f"{Decimal(written):,.0f}"
    message = f"unit slip: deposit_balance {shown} CNY is outside 100,000 to 1,000,000,000,000"
    assert any(expect(folder, RULES, "CC-C1-DEPOSIT", message) in line for line in folder.problems())


def test_a_slip_within_the_range_of_the_segment_shows_by_its_neighbours(folder: Folder) -> None:
    """300 亿 times ten or a hundred is still a bound that a bank could have."""
    for written in ("3000000000000.00", "300000000000.00"):
        folder.change(RULES, "SZ-TA-EXTRA-LARGE", lower_bound=written)
        folder.change(RULES, "SZ-TA-LARGE", upper_bound=written)
        found = [line for line in folder.problems() if "unit slip" in line]
        assert found, written
        assert any(line.startswith(f"{RULES}.csv:{folder.line(RULES, 'SZ-TA-EXTRA-LARGE')} ") for line in found)


def test_a_retail_bound_in_ten_thousands_is_a_slip(folder: Folder) -> None:
    folder.change(RULES, "RS-LOAN", lower_bound="30.00")
    message = (
        "unit slip: loan_balance 30 CNY is outside 1,000 to 10,000,000,000, the range of retail bounds; amounts are in"
        " yuan, in full [L6]"
    )
    assert folder.problems() == [expect(folder, RULES, "RS-LOAN", message)]


def test_a_share_written_as_a_percentage_is_a_slip(folder: Folder) -> None:
    folder.change(RULES, "VB-STRATEGIC", 2, lower_bound="60.00")
    found = folder.problems()
    message = "out of range: settlement_share 60 is outside 0 to 1 [L6]"
    assert expect(folder, RULES, "VB-STRATEGIC", message, number=2) in found
    folder.change(RULES, "CO-STRATEGIC", 3, lower_bound="5.00")
    message = "unit slip: profit_margin_lead 5 is not a share; 60 % is 0.60 [L6]"
    assert expect(folder, RULES, "CO-STRATEGIC", message, number=3) in folder.problems()


def test_the_ranges_are_rows_of_the_policy(folder: Folder) -> None:
    folder.change("policy_parameter", "bound_lowest_retail", number_value="20000")
    assert [line.split(" ", 1)[1].split(";")[0] for line in folder.problems()] == [
        "RS-CUSTODY unit slip: custody_margin_balance 10,000 CNY is outside 20,000 to 10,000,000,000, the range of"
        " retail bounds"
    ]
    folder.drop("policy_parameter", "bound_lowest_retail")
    message = "no limit: bound_lowest_retail is not in force; amounts can't be judged [L6]"
    assert folder.problems() == [f"policy_parameter.csv:1 {message}"]


# ---------------------------------------------------------------- one fault each

FAULTS: list[tuple[Change, str, str, str]] = [
    # shape of a rule
    (change(RULES, "RT-T3-AUM", upper_bound="90000.00"), RULES, "RT-T3-AUM",
     "empty band: the lower bound 100,000 is above the upper bound 90,000 [L2]"),
    (change(RULES, "RT-T3-AUM", upper_bound="100000.00"), RULES, "RT-T3-AUM",
     "empty band: no value lies between 100,000 and itself; make both ends inclusive [L2]"),
    (change("policy_score_band", "AG-PASS", lower_bound="69", lower_inclusive="false"), "policy_score_band", "AG-PASS",
     "empty band: no whole number lies between 69 and 70 [L2]"),
    (change(RULES, "RT-T3-AUM", lower_bound="", lower_inclusive="", upper_bound="", upper_inclusive=""), RULES,
     "RT-T3-AUM", "empty condition: neither a bound nor a category [L2]"),
    (change(RULES, "RT-T3-AUM", lower_inclusive=""), RULES, "RT-T3-AUM",
     "lower end: a bound and its inclusive flag come together [L2]"),
    (change(RULES, "RT-T3-AUM", category_value="T3"), RULES, "RT-T3-AUM",
     "band and category: a row is one or the other; write two rows [L2]"),
    (change(RULES, "RS-GRADE-GOLD", category_value="", lower_bound="3", lower_inclusive="true"), RULES,
     "RS-GRADE-GOLD", "band of a category: best_card_grade has no order; give a category_value [L2]"),
    (change(RULES, "CO-POTENTIAL", is_soft="true"), RULES, "CO-POTENTIAL",
     "no hard condition: a rule of soft conditions alone is never met [L2]"),
    (change(RULES, "RS-LOAN", measure_id="retail_tier", category_value="T1", lower_bound="", lower_inclusive=""), RULES,
     "RS-LOAN", "too early: retail_tier is not judged before retail_scope for the same customers [L2]"),
    (change("policy_tier", "corporate_class", tier_rank="0"), "policy_tier", "corporate_class",
     "rank: C1 has rank 0; 1 is the best [L2]"),
    # names that lead nowhere
    (change(RULES, "RT-T3-AUM", scheme="retail_teir"), RULES, "RT-T3-AUM",
     "unknown scheme: retail_teir is not in force in policy_scheme [L3]"),
    (change(RULES, "RT-T3-AUM", tier_code="T33"), RULES, "RT-T3-AUM",
     "unknown outcome: policy_tier has no T33 of retail_tier [L3]"),
    (change(RULES, "RT-T3-AUM", route="assets"), RULES, "RT-T3-AUM",
     "unknown route: policy_route has no assets of retail_tier [L3]"),
    (change(RULES, "RT-T3-AUM", measure_id="aum"), RULES, "RT-T3-AUM",
     "unknown measure: aum is not in policy_measure [L3]"),
    (change(RULES, "RS-GRADE-GOLD", category_value="golden"), RULES, "RS-GRADE-GOLD",
     "unknown category: golden is not one of diamond, platinum, gold, standard [L3]"),
    (change("policy_maintainer", "RM-T5", category_value="T6"), "policy_maintainer", "RM-T5",
     "unknown category: T6 is not one of T1, T2, T3, T4, T5, T0 [L3]"),
    (change("policy_scheme", "retail_tier", default_tier_code="T9"), "policy_scheme", "retail_tier",
     "unknown outcome: default_tier_code T9 is not in policy_tier [L3]"),
    (change("policy_scheme", "retail_tier", own_measure_id="aum"), "policy_scheme", "retail_tier",
     "unknown measure: own_measure_id aum is not in policy_measure [L3]"),
    (change("policy_scheme", "retail_tier", resolver="first"), "policy_scheme", "retail_tier",
     "unknown resolver: first is not one of best, all [L3]"),
    (change("policy_scheme", "retail_tier", segment="private"), "policy_scheme", "retail_tier",
     "unknown segment: private is not one of corporate, retail, staff [L3]"),
    (change("policy_measure", "wealth_admission", vocabulary="customer.admission"), "policy_measure",
     "wealth_admission",
     "unknown vocabulary: customer.admission is not a landing contract enum or a reference column [L3]"),
    (change("policy_visit_frequency", "VF-LEADER-C1", role_group="leaders"), "policy_visit_frequency", "VF-LEADER-C1",
     "unknown role group: no role of policy_role is in leaders [L3]"),
    (change("policy_visit_frequency", "VF-LEADER-C1", tier_code="C9"), "policy_visit_frequency", "VF-LEADER-C1",
     "unknown class: C9 is not a corporate visit class [L3]"),
    (change("policy_visit_channel", "VC-PHONE", channel="telephone"), "policy_visit_channel", "VC-PHONE",
     "unknown channel: telephone is not one of visit.channel (on_site, phone, message) [L3]"),
    (change("policy_card_spend", "CS-REFUND", transaction_kind="return"), "policy_card_spend", "CS-REFUND",
     "unknown transaction_kind: return is not one of card_transaction.transaction_kind (purchase, refund, cash_advance,"
     " repayment, fee) [L3]"),
    (change("policy_card_spend", "CS-REFUND", card_kind="charge"), "policy_card_spend", "CS-REFUND",
     "unknown card_kind: charge is not one of card.card_kind (debit, credit) [L3]"),
    (change("policy_counted_status", "ST-LOAN-ACTIVE", status="open"), "policy_counted_status", "ST-LOAN-ACTIVE",
     "unknown status: open is not one of loan.status (active, settled, written_off) [L3]"),
    (change("policy_counted_status", "ST-LOAN-ACTIVE", table_name="loans"), "policy_counted_status", "ST-LOAN-ACTIVE",
     "unknown table: the landing contract lists no loans.status [L3]"),
    (change("policy_statement_kind", "SK-ANNUAL", report_kind="yearly"), "policy_statement_kind", "SK-ANNUAL",
     "unknown report_kind: yearly is not one of financial_statement.report_kind (annual, interim) [L3]"),
    (change("policy_department_level", "DL-WEALTH", org_level="wealth_centre"), "policy_department_level",
     "DL-WEALTH", "unknown org_level: wealth_centre is not one of organization.org_level (head_office, province_branch,"
     " branch, corporate_department, wealth_center, sub_branch, outlet) [L3]"),
    (change("policy_amount_limit", "AL-LOAN-PRINCIPAL-BALANCE", column_name="principal"), "policy_amount_limit",
     "AL-LOAN-PRINCIPAL-BALANCE",
     "unknown column: loan.principal is not an amount column of the landing contract [L3]"),
    (change("policy_segment", "SG-SCHOOL", institution_type="college"), "policy_segment", "SG-SCHOOL",
     "unknown institution_type: college is not one of corporate_profile.institution_type (party_government,"
     " public_institution, social_organisation, trade_union, public_hospital, school, design_institute) [L3]"),
    (change("policy_aum_component", "MC-AUM-CUSTODY", source_table="margin"), "policy_aum_component",
     "MC-AUM-CUSTODY", "unknown source_table: margin is not one of account, brokerage [L3]"),
    (change("policy_aum_component", "MC-AUM-CUSTODY", component="margin"), "policy_aum_component", "MC-AUM-CUSTODY",
     "unknown component: margin is not one of custody_margin [L3]"),
    (change("policy_aum_component", "MC-AUM-FUND", component="funds"), "policy_aum_component", "MC-AUM-FUND",
     "unknown component: funds is not one of account.product_type (demand_deposit, time_deposit, structured_deposit,"
     " wealth_product, fund, insurance, government_bond, precious_metal, trust) [L3]"),
    (change("policy_aum_component", "MC-AUM-FUND", balance_basis="average"), "policy_aum_component", "MC-AUM-FUND",
     "unknown balance_basis: average is not one of point, mtd_average [L3]"),
    (change("policy_size_basis", "SB-CREDIT-ASSETS", size_basis="assets"), "policy_size_basis", "SB-CREDIT-ASSETS",
     "unknown measure: assets is not in policy_measure [L3]"),
    # sources
    (change(RULES, "RT-T3-AUM", clause_ref="D2 s. 9"), RULES, "RT-T3-AUM",
     "unknown clause: D2 s. 9 is not in policy_article [L4]"),
    (change("policy_article", "D2 s. 1", document_id="D99"), "policy_article", "D2 s. 1",
     "unknown document: D99 is not in policy_document [L4]"),
    (change(RULES, "RT-T3-AUM", basis="guess"), RULES, "RT-T3-AUM",
     "unknown basis: guess is not one of source, assumed [L4]"),
    (change("policy_score_band", "AG-PASS-GAP", rationale=""), "policy_score_band", "AG-PASS-GAP",
     "no rationale: a row that is assumed or fills a gap says why [L4]"),
    (change(RULES, "RT-T3-AUM", rationale="because"), RULES, "RT-T3-AUM",
     "rationale of a source: a row that only repeats the text needs no reason [L4]"),
    # numbers
    (change("policy_aum_component", "MC-AUM-FUND", weight="1.5"), "policy_aum_component", "MC-AUM-FUND",
     "out of range: weight 1.5 is not 0 to 1 [L6]"),
    (change("policy_visit_frequency", "VF-LEADER-C1", contacts_per_period="0"), "policy_visit_frequency",
     "VF-LEADER-C1", "out of range: contacts_per_period 0 is not 1 or more [L6]"),
    (change("policy_visit_frequency", "VF-LEADER-C1", period_months="2"), "policy_visit_frequency", "VF-LEADER-C1",
     "unknown period_months: 2 is not one of 1, 3, 6, 12 [L6]"),
    (change("policy_capacity", "CP-CUSTOMERS-OUTLET-HEAD", lower_mark="900"), "policy_capacity",
     "CP-CUSTOMERS-OUTLET-HEAD", "floor above cap: 900 to 800 [L6]"),
    (change("policy_parameter", "churn_drop_share", number_value="50"), "policy_parameter", "churn_drop_share",
     "out of range: number_value 50 is not 0 to 1 [L6]"),
    (change("policy_red_list_reason", "RL-MALFORMED", number_pattern="1[3-9"), "policy_red_list_reason",
     "RL-MALFORMED", "no pattern: number_pattern '1[3-9': unterminated character set at position 1 [L6]"),
    (change("policy_measure", "financial_assets", unit="RMB"), "policy_measure", "financial_assets",
     "unknown unit: RMB has no fractions; amounts are in CNY, parts of one are a share [L6]"),
    (change("policy_measure", "financial_assets", step=""), "policy_measure", "financial_assets",
     "no step: a number needs the smallest difference of two values [L6]"),
    (change("policy_measure", "settlement_share", lowest="2"), "policy_measure", "settlement_share",
     "empty range: lowest 2 is above highest 1 [L6]"),
    (change("policy_parameter", "age_limit", number_value="-1"), "policy_parameter", "age_limit",
     "out of range: number_value -1 is not 0 or more [L6]"),
    (change("policy_parameter", "card_not_activated_days", number_value="90.5"), "policy_parameter",
     "card_not_activated_days", "no whole number: 90.5 days [L6]"),
    (change("policy_parameter", "churn_window_months", number_value="0"), "policy_parameter", "churn_window_months",
     "out of range: number_value 0 is not 1 to 12 [L6]"),
    (change("policy_parameter", "churn_window_months", number_value="13"), "policy_parameter", "churn_window_months",
     "out of range: number_value 13 is not 1 to 12 [L6]"),
    (change("policy_parameter", "confidence_medium", number_value="0.9"), "policy_parameter", "confidence_medium",
     "out of order: 0.9 is above 0.8, that of confidence_high [L6]"),
    # actions
    (change("policy_action", "AC-BIRTHDAY-RETAIL", action_kind="holiday"), "policy_action", "AC-BIRTHDAY-RETAIL",
     f"unknown action_kind: holiday is not one of {', '.join(ACTION_KINDS)} [L3]"),
    (change("policy_action", "AC-BIRTHDAY-RETAIL", segment="private"), "policy_action", "AC-BIRTHDAY-RETAIL",
     "unknown segment: private is not one of corporate, retail [L3]"),
    (change("policy_action", "AC-BIRTHDAY-RETAIL", scope="tiered"), "policy_action", "AC-BIRTHDAY-RETAIL",
     "unknown scope: tiered is not one of in_scope, all [L3]"),
    (change("policy_action", "AC-BIRTHDAY-RETAIL", category="keep"), "policy_action", "AC-BIRTHDAY-RETAIL",
     "unknown category: keep is not one of retain, contest, mine, grab, cultivate [L3]"),
    (change("policy_action", "AC-BIRTHDAY-RETAIL", priority="0"), "policy_action", "AC-BIRTHDAY-RETAIL",
     "out of range: priority 0 is not 1 or more [L6]"),
    (change("policy_action", "AC-BIRTHDAY-RETAIL", days_ahead="-1"), "policy_action", "AC-BIRTHDAY-RETAIL",
     "out of range: days_ahead -1 is not 0 or more [L6]"),
    (change("policy_action", "AC-LARGE_INFLOW-RETAIL", amount_floor="0"), "policy_action", "AC-LARGE_INFLOW-RETAIL",
     "out of range: amount_floor 0 is not above 0 [L6]"),
    (change("policy_action", "AC-LARGE_INFLOW-RETAIL", amount_floor="50"), "policy_action", "AC-LARGE_INFLOW-RETAIL",
     "unit slip: amount_floor 50 CNY is outside 1,000 to 10,000,000,000, the range of retail amounts; amounts are in"
     " yuan, in full [L6]"),
    (change("policy_action", "AC-LARGE_INFLOW-CORPORATE", amount_floor="1000"), "policy_action",
     "AC-LARGE_INFLOW-CORPORATE",
     "unit slip: amount_floor 1,000 CNY is outside 100,000 to 1,000,000,000,000, the range of corporate amounts;"
     " amounts are in yuan, in full [L6]"),
    # regular contacts and second persons
    (change("policy_contact_frequency", "CF-T1", tier_code="C1"), "policy_contact_frequency", "CF-T1",
     "unknown tier: C1 is not a retail tier [L3]"),
    (change("policy_contact_frequency", "CF-T5", tier_code="T0"), "policy_contact_frequency", "CF-T5",
     "never due: T0 is the default of retail_tier, and nobody maintains its customers [L2]"),
    (change("policy_contact_frequency", "CF-T1", period_months="0"), "policy_contact_frequency", "CF-T1",
     "out of range: period_months 0 is not 1 or more [L6]"),
    (change("policy_beside_role", "BR-T1", tier_code="T9"), "policy_beside_role", "BR-T1",
     "unknown tier: T9 is not a retail tier [L3]"),
    (change("policy_beside_role", "BR-T1", tier_code="T0"), "policy_beside_role", "BR-T1",
     "never due: T0 is the default of retail_tier, and nobody maintains its customers [L2]"),
    # fields of a profile
    (change("policy_profile_field", "PF-CORPORATE-SIZE", field="turnover"), "policy_profile_field",
     "PF-CORPORATE-SIZE", "unknown field: turnover is not one of mobile_phone, id_number, birth_date, size,"
     " credit_rating [L3]"),
    (change("policy_profile_field", "PF-CORPORATE-SIZE", segment="staff"), "policy_profile_field",
     "PF-CORPORATE-SIZE", "unknown segment: staff is not one of corporate, retail [L3]"),
    (change("policy_profile_field", "PF-CORPORATE-SIZE", field="birth_date"), "policy_profile_field",
     "PF-CORPORATE-SIZE", "never filled: birth_date is not known of corporate customers [L2]"),
    (change("policy_profile_field", "PF-CORPORATE-SIZE", weight="-0.1"), "policy_profile_field", "PF-CORPORATE-SIZE",
     "out of range: weight -0.1 is not 0 or more [L6]"),
    # stars
    (change("policy_star", "ST-STAR-5", star="6"), "policy_star", "ST-STAR-5",
     "out of range: star 6 is not 1 to 5 [L6]"),
    (change("policy_star", "ST-STAR-5", top_share="0"), "policy_star", "ST-STAR-5",
     "out of range: top_share 0 is not above 0 and at most 1 [L6]"),
    (change("policy_star", "ST-STAR-1", top_share="1.000001"), "policy_star", "ST-STAR-1",
     "out of range: top_share 1.000001 is not above 0 and at most 1 [L6]"),
    (change("policy_star", "ST-STAR-4", top_share="0.05"), "policy_star", "ST-STAR-4",
     "no rise: star 4 has the share 0.05, star 5 0.05; a share holds the better stars too [L6]"),
    (change("policy_star", "ST-STAR-1", top_share="0.9"), "policy_star", "ST-STAR-1",
     "no rest: the lowest star is 1 with the share 0.9; it must be 1 with 1 [L6]"),
    (drop("policy_star", "ST-STAR-1"), "policy_star", "ST-STAR-2",
     "no rest: the lowest star is 2 with the share 0.8; it must be 1 with 1 [L6]"),
    (change("policy_scheme", "retail_tier", own_measure_id="loan_balance"), "policy_scheme", "retail_tier",
     "unknown own_measure_id: loan_balance is not one of financial_assets, deposit_balance [L3]"),
    (change("policy_red_list_reason", "RL-MALFORMED", number_pattern="[^a-z]{11}"), "policy_red_list_reason",
     "RL-MALFORMED", "too wide: number_pattern: it may match a line break, and numbers are judged many at a time, a"
     " line each; name the characters that it allows [L6]"),
    # lists of values
    (change("policy_value_list", "VL-CARD-KIND-CREDIT", value_list="cards"), "policy_value_list",
     "VL-CARD-KIND-CREDIT", f"unknown value_list: cards is not one of {', '.join(VALUE_LISTS)} [L3]"),
    (change("policy_value_list", "VL-CARD-STATUS-ACTIVE", value="asleep"), "policy_value_list",
     "VL-CARD-STATUS-ACTIVE",
     "unknown value: asleep is not one of card.status (active, inactive, frozen, cancelled) [L3]"),
    (change("policy_value_list", "VL-HIGH-LEVEL-TIER-C1", value="T1"), "policy_value_list",
     "VL-HIGH-LEVEL-TIER-C1", "unknown value: T1 is not one of C1, C2, C3, C0 [L3]"),
    (change("policy_value_list", "VL-HIGH-LEVEL-BRANCH-LEADER", value="teller"), "policy_value_list",
     "VL-HIGH-LEVEL-BRANCH-LEADER", "unknown value: teller is not one of branch_account_manager,"
     " branch_leader, corporate_department_head, outlet_account_manager, outlet_leader [L3]"),
    # groups of customers
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", group_kind="tier"), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "unknown group_kind: tier is not one of band, top [L3]"),
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", segment="staff"), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "unknown segment: staff is not one of corporate, retail [L3]"),
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", top_share=""), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "no top_share: top needs it [L2]"),
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", top_share="2", group_code="2"), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "out of range: top_share 2 is not above 0 and at most 1 [L6]"),
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", top_share="0"), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "out of range: top_share 0 is not above 0 and at most 1 [L6]"),
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", top_share="0.02"), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "wrong name: the group 0.01 has the share 0.02; name it by its share [L2]"),
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", group_code="best"), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "wrong name: the group best has the share 0.01; name it by its share [L2]"),
    (change("policy_concentration", "CO-TOP-0.01-RETAIL", lower="50000"), "policy_concentration",
     "CO-TOP-0.01-RETAIL", "superfluous lower: top does not read it; leave it empty [L2]"),
    (change("policy_concentration", "CO-BAND-50K-1M-RETAIL", lower=""), "policy_concentration",
     "CO-BAND-50K-1M-RETAIL", "no lower: band needs it [L2]"),
    (change("policy_concentration", "CO-BAND-50K-1M-RETAIL", upper=""), "policy_concentration",
     "CO-BAND-50K-1M-RETAIL", "no upper: band needs it [L2]"),
    (change("policy_concentration", "CO-BAND-50K-1M-RETAIL", top_share="0.5"), "policy_concentration",
     "CO-BAND-50K-1M-RETAIL", "superfluous top_share: band does not read it; leave it empty [L2]"),
    (change("policy_concentration", "CO-BAND-50K-1M-RETAIL", upper="50000.00"), "policy_concentration",
     "CO-BAND-50K-1M-RETAIL", "empty band: the lower bound 50,000 is not below the upper 50,000 [L2]"),
    (change("policy_concentration", "CO-BAND-50K-1M-RETAIL", lower="5", upper="100"), "policy_concentration",
     "CO-BAND-50K-1M-RETAIL",
     "unit slip: upper 100 CNY is outside 1,000 to 10,000,000,000, the range of retail amounts; amounts are in yuan,"
     " in full [L6]"),
    # signs of doubtful visits
    (change("policy_visit_signal", "VS-SHORT-CALL", signal="no_call"), "policy_visit_signal", "VS-SHORT-CALL",
     "unknown signal: no_call is not one of late_entry, off_day, month_end_burst, crowded_day, same_minute, short_call,"
     " copied_outcome [L3]"),
    (change("policy_visit_signal", "VS-MONTH-END-BURST", threshold="0"), "policy_visit_signal", "VS-MONTH-END-BURST",
     "out of range: threshold 0 is not above 0 and at most 1 [L6]"),
    (change("policy_visit_signal", "VS-MONTH-END-BURST", threshold="1.0001"), "policy_visit_signal",
     "VS-MONTH-END-BURST", "out of range: threshold 1.0001 is not above 0 and at most 1 [L6]"),
    (change("policy_visit_signal", "VS-MONTH-END-BURST", minimum="0"), "policy_visit_signal", "VS-MONTH-END-BURST",
     "out of range: minimum 0 is not 1 or more [L6]"),
    (change("policy_visit_signal", "VS-CROWDED-DAY", threshold="8.5"), "policy_visit_signal", "VS-CROWDED-DAY",
     "out of range: threshold 8.5 is not a whole number of 1 or more [L6]"),
    (change("policy_visit_signal", "VS-LATE-ENTRY", threshold="0"), "policy_visit_signal", "VS-LATE-ENTRY",
     "out of range: threshold 0 is not a whole number of 1 or more [L6]"),
    (change("policy_parameter", "burst_days", number_value="0"), "policy_parameter", "burst_days",
     "out of range: number_value 0 is not 1 or more [L6]"),
    (change("policy_parameter", "peer_minimum", number_value="0"), "policy_parameter", "peer_minimum",
     "out of range: number_value 0 is not 1 or more [L6]"),
    (add("policy_visit_signal", "VS-OFF-DAY", rule_id="VS-OFF-DAY-2"), "policy_visit_signal", "VS-OFF-DAY-2",
     "said twice: signal off_day is also in line 3 (VS-OFF-DAY) [L5]"),
    # figures and compares
    (change("policy_metric", "visits", source="guessed"), "policy_metric", "visits",
     "unknown source: guessed is not one of warehouse, delivered, ratio [L3]"),
    (change("policy_metric", "visits", kind="level"), "policy_metric", "visits",
     "unknown kind: level is not one of stock, flow, ratio [L3]"),
    (change("policy_metric", "visits", kind="ratio"), "policy_metric", "visits",
     "kind and source differ: a ratio has both, and nothing else has either [L2]"),
    (change("policy_metric", "visits", metric="calls"), "policy_metric", "calls",
     f"unknown metric: calls is not one of {', '.join(COUNTED['org'])} [L3]"),
    (change("policy_metric", "fee_income", subject_kind="employee"), "policy_metric", "fee_income",
     "nobody delivers it: fee_income is of people, and organisations alone report [L2]"),
    (change("policy_metric", "npl_ratio", numerator="bad_loans"), "policy_metric", "npl_ratio",
     "unknown numerator: bad_loans is no counted or delivered metric in force [L3]"),
    (change("policy_metric", "npl_ratio", denominator="upgrade_rate"), "policy_metric", "npl_ratio",
     "unknown denominator: upgrade_rate is no counted or delivered metric in force [L3]"),
    (change("policy_metric", "npl_ratio", ratio_basis=""), "policy_metric", "npl_ratio",
     "no ratio_basis: ratio needs it [L2]"),
    (change("policy_metric", "visits", numerator="customers"), "policy_metric", "visits",
     "superfluous numerator: warehouse does not read it; leave it empty [L2]"),
    (change("policy_metric", "deposit_share_four_banks", ratio_basis="year_to_date"), "policy_metric",
     "deposit_share_four_banks",
     "two sources: what is counted is known by its value in the month of what is delivered, not by what its year had"
     " brought [L2]"),
    (change("policy_metric", "loan_balance_retail", part_of="fee_income"), "policy_metric", "loan_balance_retail",
     "no whole: part_of fee_income is no other warehouse metric of org [L3]"),
    (change("policy_metric", "loan_balance_retail", part_of="loan_balance_retail"), "policy_metric",
     "loan_balance_retail", "no whole: part_of loan_balance_retail is no other warehouse metric of org [L3]"),
    (change("policy_ranking", "RK-ORG-CONTROL-NPL-RATIO", metric="bad_loans"), "policy_ranking",
     "RK-ORG-CONTROL-NPL-RATIO", "unknown metric: bad_loans of org is not in force in policy_metric [L3]"),
    (change("policy_ranking", "RK-ORG-CONTROL-NPL-RATIO", measure="growth_rate_year"), "policy_ranking",
     "RK-ORG-CONTROL-NPL-RATIO", "no growth: npl_ratio is no stock, and has no growth_rate_year [L2]"),
    (change("policy_ranking", "RK-ORG-CONTROL-NPL-RATIO", better="less"), "policy_ranking",
     "RK-ORG-CONTROL-NPL-RATIO", "unknown better: less is not one of high, low [L3]"),
    (change("policy_ranking", "RK-ORG-CONTROL-NPL-RATIO", compare="overall"), "policy_ranking",
     "RK-ORG-CONTROL-NPL-RATIO", "taken: overall is the mean of the other compares [L2]"),
    (change("policy_ranking", "RK-ORG-CONTROL-NPL-RATIO", weight="-1"), "policy_ranking",
     "RK-ORG-CONTROL-NPL-RATIO", "out of range: weight -1 is not 0 or more [L6]"),
    (change("policy_ranking", "RK-ORG-GROWTH-*", weight="0"), "policy_ranking",
     "RK-ORG-GROWTH-DEPOSIT-BALANCE", "no weight: the metrics of growth of org weigh nothing [L6]"),
    (change("policy_parameter", "org_peer_minimum", number_value="0"), "policy_parameter", "org_peer_minimum",
     "out of range: number_value 0 is not 1 or more [L6]"),
    # targets, appraisals and campaigns
    (change("policy_season", "SE-ANY-03", metric="sales"), "policy_season", "SE-ANY-03",
     "unknown metric: sales is neither * nor in force in policy_metric [L3]"),
    (change("policy_season", "SE-ANY-03", month_of_year="13"), "policy_season", "SE-ANY-03",
     "out of range: month_of_year 13 is not 1 to 12 [L6]"),
    (change("policy_season", "SE-ANY-03", month_of_year="0"), "policy_season", "SE-ANY-03",
     "out of range: month_of_year 0 is not 1 to 12 [L6]"),
    (change("policy_season", "SE-ANY-03", weight="-0.0001"), "policy_season", "SE-ANY-03",
     "out of range: weight -0.0001 is not 0 or more [L6]"),
    (change("policy_season", "SE-ANY-*", weight="0"), "policy_season", "SE-ANY-01",
     "no weight: the months of * weigh nothing [L6]"),
    (change("policy_season", "SE-ANY-03", month_of_year="2"), "policy_season", "SE-ANY-03",
     "said twice: metric *, month_of_year 2 is also in line 3 (SE-ANY-02) [L5]"),
    (change("policy_target_role", "TR-ANY-TELLER", role="cashier"), "policy_target_role", "TR-ANY-TELLER",
     "unknown role: cashier is not in force in policy_role [L3]"),
    (change("policy_target_role", "TR-ANY-TELLER", metric="sales"), "policy_target_role", "TR-ANY-TELLER",
     "unknown metric: sales is neither * nor in force in policy_metric [L3]"),
    (change("policy_target_role", "TR-ANY-TELLER", role="outlet_staff"), "policy_target_role", "TR-ANY-TELLER",
     "said twice: metric *, role outlet_staff is also in line 5 (TR-ANY-OUTLET-STAFF) [L5]"),
    (change("policy_appraised_role", "AR-BRANCH-PRESIDENT", role="chairman"), "policy_appraised_role",
     "AR-BRANCH-PRESIDENT", "unknown role: chairman is not in force in policy_role [L3]"),
    (change("policy_appraised_role", "AR-BRANCH-VICE-PRESIDENT", role="branch_president"), "policy_appraised_role",
     "AR-BRANCH-VICE-PRESIDENT", "said twice: role branch_president is also in line 2 (AR-BRANCH-PRESIDENT) [L5]"),
    (change("policy_access", "AC-OUTLET-HEAD", role="chairman"), "policy_access", "AC-OUTLET-HEAD",
     "unknown role: chairman is not one of employee.role (branch_president, branch_vice_president,"
     " chief_financial_officer, corporate_department_head, branch_account_manager, outlet_head, outlet_deputy_head,"
     " accounting_head, outlet_account_manager, wealth_manager, wealth_adviser, finance_manager, product_manager,"
     " lobby_manager, outlet_staff, teller) [L3]"),
    (change("policy_access", "AC-HEAD-OFFICE", org_level="region"), "policy_access", "AC-HEAD-OFFICE",
     "unknown org_level: region is not one of organization.org_level (head_office, province_branch, branch,"
     " corporate_department, wealth_center, sub_branch, outlet) [L3]"),
    (change("policy_access", "AC-OUTLET-HEAD", scope="city"), "policy_access", "AC-OUTLET-HEAD",
     "unknown scope: city is not one of bank, subtree, organization, customers [L3]"),
    (change("policy_access", "AC-OUTLET-DEPUTY-HEAD", role="outlet_head"), "policy_access", "AC-OUTLET-DEPUTY-HEAD",
     "said twice: org_level *, role outlet_head is also in line 7 (AC-OUTLET-HEAD) [L5]"),
    # roles
    (change("policy_role", "RG-OUTLET-HEAD", job_title_zh=""), "policy_role", "RG-OUTLET-HEAD",
     "no job title: job_title_zh of outlet_head is empty [L7]"),
    (change("policy_role", "RG-OUTLET-HEAD", staff_sequence="leaders"), "policy_role", "RG-OUTLET-HEAD",
     "unknown staff_sequence: leaders is not one of manager, accounting, account_manager, teller [L3]"),
    (change("policy_beside_role", "BR-T1", role="outlet_leader"), "policy_beside_role", "BR-T1",
     f"unknown role: outlet_leader is not one of employee.role ({', '.join(ROLES)}) [L3]"),
    # schemes
    (change("policy_scheme", "retail_tier", default_lifted_by_own_measure=""), "policy_scheme", "retail_tier",
     "default_lifted_by_own_measure: it is for a scheme with a default and an own measure, and only for it [L2]"),
    (change("policy_scheme", "corporate_size", default_lifted_by_own_measure="false"), "policy_scheme",
     "corporate_size",
     "default_lifted_by_own_measure: it is for a scheme with a default and an own measure, and only for it [L2]"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "family", "rule", "message"), FAULTS, ids=[fault[3][:50] for fault in FAULTS])
def test_a_fault_is_named_with_its_place(folder: Folder, fault: Change, family: str, rule: str, message: str) -> None:
    fault(folder)
    assert expect(folder, family, rule, message) in folder.problems()


OF_A_CUSTOMER = "what is published of a customer"
# Parameters that something in force reads.
READERS = {
    "churn_drop_share": OF_A_CUSTOMER,
    "churn_window_months": OF_A_CUSTOMER,
    "confidence_high": OF_A_CUSTOMER,
    "confidence_medium": OF_A_CUSTOMER,
    "new_window_months": OF_A_CUSTOMER,
    "statement_stale_months": OF_A_CUSTOMER,
    "card_not_activated_days": "card_not_activated",
    "near_threshold_share": "falling_below",
    "outreach_minimum_age": "an action that needs consent",
    "upgrade_choice_days": "upgrade_choice",
    "visit_behind_contacts": "visit_behind",
    "burst_days": "month_end_burst",
    "peer_minimum": "the median of a person's peers",
    "org_peer_minimum": "rank of org",
    "appraisal_grace_months": "the status of an appraisal",
    "conversion_days": "the result of a campaign",
    "interval_z": "the lift of a campaign",
}
LACKS: list[tuple[Change, str]] = [
    (drop("policy_value_list", "VL-CREDIT-*"),
     "policy_value_list.csv:1 no row: the list credit_relation has no value in force [L3]"),
    (drop("policy_season", "SE-ANY-12"),
     "policy_season.csv:1 no row: month 12 has no weight for any metric, and a target loses its days [L3]"),
    (drop("policy_role", "RG-OUTLET-HEAD"),
     "policy_role.csv:1 no row: employee.role outlet_head of the landing contract [L3]"),
    (drop("policy_capacity", "CP-CUSTOMERS-OUTLET-HEAD"),
     "policy_capacity.csv:1 no row with customers: employee.role outlet_head of the landing contract [L3]"),
    (drop("policy_capacity", "CP-CONTACTS-OUTLET-HEAD"),
     "policy_role.csv:6 RG-OUTLET-HEAD no row: policy_capacity says nothing of outlet_head with contacts_a_day [L3]"),
    (drop("policy_segment", "SG-PERSONAL"),
     "policy_segment.csv:1 no row: customer.customer_kind personal of the landing contract [L3]"),
    (drop("policy_aum_component", "MC-AUM-TRUST"),
     "policy_aum_component.csv:1 no row for financial_assets; weight 0 leaves it out: account.product_type trust of the"
     " landing contract [L3]"),
    (drop("policy_size_basis", "SB-OTHER-CAPITAL"),
     "policy_size_basis.csv:1 no basis for enterprise, credit_customer false [L3]"),
    (drop("policy_contact_frequency", "CF-*"),
     "policy_contact_frequency.csv:1 no row: contact_due asks how often a tier is contacted [L3]"),
    (drop("policy_profile_field", "PF-CORPORATE-*"),
     "policy_profile_field.csv:1 no weight: the fields of corporate weigh nothing [L6]"),
    (change("policy_profile_field", "PF-RETAIL-*", weight="0"),
     "policy_profile_field.csv:1 no weight: the fields of retail weigh nothing [L6]"),
    *[
        (drop("policy_parameter", name),
         f"policy_parameter.csv:1 no row: {name} is not in force; {reader} needs it [L3]")
        for name, reader in READERS.items()
    ],
]  # fmt: skip


@pytest.mark.parametrize(("lack", "line"), LACKS, ids=[line[:50] for _, line in LACKS])
def test_what_no_row_speaks_of_is_named(folder: Folder, lack: Change, line: str) -> None:
    lack(folder)
    assert line in folder.problems()


@pytest.mark.parametrize("kind", ACTION_KINDS)
def test_a_kind_of_action_has_what_it_needs_and_nothing_else(folder: Folder, kind: str) -> None:
    """Each column that only some kinds read: taken away where it is needed, and given where it is not."""
    needs = {
        "product_maturing": "days_ahead", "loan_maturing": "days_ahead", "contact_due": "days_ahead",
        "birthday": "days_ahead", "anniversary": "days_ahead",
        "large_inflow": "amount_floor", "large_outflow": "amount_floor",
    }  # fmt: skip
    rows = [row for row in folder.rows("policy_action") if row["action_kind"] == kind]
    assert rows
    name = rows[0]["rule_id"]
    for column, given in (("days_ahead", "7"), ("amount_floor", "1000000")):
        held = rows[0][column]
        is_needed = needs.get(kind) == column
        folder.change("policy_action", name, **{column: "" if is_needed else given})
        what = (
            f"no {column}: {kind} needs it"
            if is_needed
            else (f"superfluous {column}: {kind} does not read it; leave it empty")
        )
        assert folder.problems() == [expect(folder, "policy_action", name, f"{what} [L2]")]
        folder.change("policy_action", name, **{column: held})
    assert folder.problems() == []


def test_a_kind_is_for_the_segments_that_can_have_it(folder: Folder) -> None:
    only = {
        "visit_behind": "corporate", "statement_stale": "corporate", "upgrade_choice": "retail",
        "contact_due": "retail", "card_not_activated": "retail", "birthday": "retail",
    }  # fmt: skip
    shipped = folder.rows("policy_action")
    segments: dict[str, set[str]] = {}
    for row in shipped:
        segments.setdefault(row["action_kind"], set()).add(row["segment"])
    assert segments == {kind: {only[kind]} if kind in only else {"retail", "corporate"} for kind in ACTION_KINDS}
    other = {"retail": "corporate", "corporate": "retail"}
    folder.write(
        "policy_action",
        [row | {"segment": other[row["segment"]]} if row["action_kind"] in only else row for row in shipped],
    )
    assert folder.problems() == [
        expect(folder, "policy_action", row["rule_id"], f"never found: {row['action_kind']} is for"
               f" {row['segment']} customers only [L2]")
        for row in shipped
        if row["action_kind"] in only
    ]  # fmt: skip


def test_what_no_action_reads_may_be_left_out(folder: Folder) -> None:
    folder.drop("policy_action", "AC-*")
    folder.drop("policy_contact_frequency", "CF-*")
    folder.drop("policy_parameter", "upgrade_choice_days", "outreach_minimum_age", "visit_behind_contacts")
    folder.drop("policy_parameter", "card_not_activated_days")
    folder.drop("policy_star", "ST-*")
    folder.drop("policy_concentration", "CO-*")
    folder.drop("policy_beside_role", "BR-*")
    assert folder.problems() == []


@pytest.mark.parametrize("signal", SIGNALS)
def test_a_sign_has_the_numbers_that_it_needs_and_no_other(folder: Folder, signal: str) -> None:
    (row,) = (row for row in folder.rows("policy_visit_signal") if row["signal"] == signal)
    needed = SIGNALS[signal]
    folder.change("policy_visit_signal", row["rule_id"], threshold="", minimum="")
    missing = [expect(folder, "policy_visit_signal", row["rule_id"], f"no {name}: {signal} needs it [L2]")
               for name in needed]  # fmt: skip
    assert folder.problems() == sorted(missing)
    folder.change("policy_visit_signal", row["rule_id"], threshold="1", minimum="1")
    superfluous = [
        expect(folder, "policy_visit_signal", row["rule_id"],
               f"superfluous {name}: {signal} does not read it; leave it empty [L2]")
        for name in ("threshold", "minimum")
        if name not in needed
    ]  # fmt: skip
    assert folder.problems() == sorted(superfluous)


def test_a_sign_that_the_bank_does_not_look_for_has_no_row(folder: Folder) -> None:
    folder.drop("policy_visit_signal", "VS-*")
    folder.drop("policy_parameter", "burst_days")
    assert folder.problems() == []


def test_a_season_of_a_metric_may_weigh_nothing_where_another_month_does(folder: Folder) -> None:
    folder.add("policy_season", "SE-ANY-01", rule_id="SE-LOANS-01", metric="loan_balance", weight="0")
    assert folder.problems() == []
    folder.change("policy_season", "SE-ANY-*", weight="0")
    folder.change("policy_season", "SE-ANY-06", weight="1")
    folder.add("policy_season", "SE-ANY-06", rule_id="SE-LOANS-06", metric="loan_balance", weight="0")
    message = "no weight: the months of loan_balance weigh nothing [L6]"
    assert folder.problems() == [expect(folder, "policy_season", "SE-LOANS-01", message)]


def test_nobody_needs_to_share_targets_or_be_appraised(folder: Folder) -> None:
    folder.drop("policy_target_role", "TR-*")
    folder.drop("policy_appraised_role", "AR-*")
    assert folder.problems() == []


def test_a_weight_of_nothing_is_a_word_about_a_product(folder: Folder) -> None:
    folder.change("policy_aum_component", "MC-AUM-TRUST", weight="0.0000")
    assert folder.problems() == []


def test_what_no_rule_leads_to_is_named(folder: Folder) -> None:
    folder.drop(RULES, "RT-T5-*")
    found = folder.problems()
    tiers = folder.rows("policy_tier")
    line = next(n for n, row in enumerate(tiers, start=2) if (row["scheme"], row["tier_code"]) == ("retail_tier", "T5"))
    idle = "no rule leads to T5 of retail_tier, nor is it the default [L3]"
    assert f"policy_tier.csv:{line} retail_tier idle outcome: {idle}" in found
    assert any("idle route: no rule of retail_tier takes the route custody [L3]" in text for text in found)


def test_a_scheme_without_rules_and_outcomes_is_named(folder: Folder) -> None:
    folder.drop("policy_score_band", "AG-*")
    folder.drop("policy_tier", "appraisal_grade")
    found = folder.problems()
    place = f"policy_scheme.csv:{folder.line('policy_scheme', 'appraisal_grade')} appraisal_grade"
    assert f"{place} no outcome: policy_tier has no row of appraisal_grade [L3]" in found
    assert f"{place} no rule: no row in force belongs to appraisal_grade [L3]" in found


def test_a_class_without_a_duty_is_named_and_the_default_needs_none(folder: Folder) -> None:
    folder.drop("policy_visit_frequency", "VF-OUTLET-LEADER-C3", "VF-OUTLET-AM-C3")
    found = folder.problems()
    assert [line.split(" ", 1)[1] for line in found] == [
        "corporate_class no duty: policy_visit_frequency has no row for class C3 [L3]"
    ]


def test_a_rule_in_the_wrong_file_is_named(folder: Folder) -> None:
    rows = folder.rows("policy_score_band")
    folder.write("policy_score_band", [row for row in rows if row["rule_id"] != "AG-GOOD"])
    folder.write(RULES, folder.rows(RULES) + [row for row in rows if row["rule_id"] == "AG-GOOD"])
    message = "wrong file: rules of the purpose appraisal belong in policy_score_band.csv [L3]"
    assert folder.problems() == [expect(folder, RULES, "AG-GOOD", message)]


def test_rows_of_one_rule_tell_one_story(folder: Folder) -> None:
    folder.change(RULES, "CC-C3-DEPOSIT", 2, basis="assumed", rationale="x", valid_from="1991-01-01")
    message = f"one rule, two stories: basis, valid_from differ from line {folder.line(RULES, 'CC-C3-DEPOSIT', 1)} [L2]"
    assert expect(folder, RULES, "CC-C3-DEPOSIT", message, number=2) in folder.problems()


# ---------------------------------------------------------------- said twice


def test_one_key_twice_in_force_is_named(folder: Folder) -> None:
    for family, name in (
        (RULES, "RT-T3-AUM"),
        ("policy_parameter", "age_limit"),
        ("policy_scheme", "appraisal_grade"),
        ("policy_tier", "cooperation_level"),
        ("policy_route", "cooperation_level"),
        ("policy_role", "RG-OUTLET-HEAD"),
    ):
        folder.add(family, name, valid_from="1995-01-01")
        found = [line for line in folder.problems() if "twice in force" in line and line.startswith(f"{family}.csv")]
        assert found, family
        assert f"is also in line {folder.line(family, name)}; close one of them" in found[0]


def test_every_amount_of_the_contract_has_one_limit(folder: Folder) -> None:
    folder.add("policy_amount_limit", "AL-LOAN-PRINCIPAL-BALANCE", rule_id="AL-AGAIN")
    line = folder.line("policy_amount_limit", "AL-LOAN-PRINCIPAL-BALANCE")
    message = (
        f"said twice: table_name loan, column_name principal_balance is also in line {line}"
        " (AL-LOAN-PRINCIPAL-BALANCE) [L5]"
    )
    assert folder.problems() == [expect(folder, "policy_amount_limit", "AL-AGAIN", message)]
    folder.drop("policy_amount_limit", "AL-AGAIN", "AL-LOAN-PRINCIPAL-BALANCE")
    lacking = "no row: loan.principal_balance of the landing contract has no limit in force [L3]"
    assert folder.problems() == [f"policy_amount_limit.csv:1 {lacking}"]
    folder.change("policy_amount_limit", "AL-CONTRIBUTION-REVENUE", amount_limit="0")
    zero = "out of range: amount_limit 0 is not 1 or more [L6]"
    assert expect(folder, "policy_amount_limit", "AL-CONTRIBUTION-REVENUE", zero) in folder.problems()


def test_a_duty_under_two_names_is_named(folder: Folder) -> None:
    folder.add("policy_visit_frequency", "VF-LEADER-C1", rule_id="VF-LEADER-C1-AGAIN")
    message = "said twice: role_group branch_leader, tier_code C1 is also in line 2 (VF-LEADER-C1) [L5]"
    assert folder.problems() == [expect(folder, "policy_visit_frequency", "VF-LEADER-C1-AGAIN", message)]


def test_two_outcomes_of_one_rank_are_named(folder: Folder) -> None:
    rows = folder.rows("policy_tier")
    second = next(row for row in rows if (row["scheme"], row["tier_code"]) == ("retail_tier", "T2"))
    second["tier_rank"] = "1"
    folder.write("policy_tier", rows)
    first, line = (
        next(n for n, row in enumerate(rows, start=2) if (row["scheme"], row["tier_code"]) == ("retail_tier", code))
        for code in ("T1", "T2")
    )
    assert folder.problems() == [
        f"policy_tier.csv:{line} retail_tier said twice: scheme retail_tier, tier_rank 1 is also in line {first}"
        " (retail_tier) [L5]"
    ]


def test_one_name_for_rules_of_two_families_is_named(folder: Folder) -> None:
    folder.change("policy_visit_channel", "VC-PHONE", rule_id="RT-T3-AUM")
    message = f"one name, two rules: {RULES}, line {folder.line(RULES, 'RT-T3-AUM')}, has this rule_id too [L5]"
    assert folder.problems() == [expect(folder, "policy_visit_channel", "RT-T3-AUM", message)]


def test_a_closed_row_and_its_successor_are_no_double(folder: Folder) -> None:
    folder.change("policy_visit_channel", "VC-PHONE", valid_to="2026-04-01")
    folder.add("policy_visit_channel", "VC-PHONE", valid_from="2026-04-01", valid_to="")
    assert folder.problems(on=None) == []


def test_a_row_that_never_holds_is_named(folder: Folder) -> None:
    folder.add("policy_visit_channel", "VC-PHONE", valid_to="1990-01-01")
    found = folder.problems(on=None)
    assert len(found) == 1
    assert found[0].endswith("VC-PHONE never in force: valid_to 1990-01-01 is not after valid_from 1990-01-01 [L5]")


# ---------------------------------------------------------------- exceptions

EXCEPTION = {
    "exception_id": "EX-1", "subject_kind": "customer", "subject_id": "C1", "rule_id": "CC-C1-DEPOSIT",
    "approver": "corporate_banking", "reason": "a project account", "clause_ref": "HOUSE", "basis": "assumed",
    "is_gap_fill": "true", "rationale": "asked for by the branch", "valid_from": "2026-01-01",
    "valid_to": "2027-01-01", "scenario": "base",
}  # fmt: skip


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({}, None),
        ({"rule_id": "VF-LEADER-C1", "subject_kind": "organization"}, None),
        ({"subject_kind": "person"}, "unknown subject_kind: person is not one of customer, organization [L3]"),
        ({"rule_id": "CC-C9"}, "unknown rule: no family has a rule CC-C9 [L3]"),
        ({"approver": ""}, "no approver: an exception says who allowed it and why [L4]"),
        ({"reason": ""}, "no reason: an exception says who allowed it and why [L4]"),
        ({"valid_to": "2025-12-31"}, "never in force: valid_to 2025-12-31 is not after valid_from 2026-01-01 [L5]"),
    ],
)
def test_an_exception_says_who_what_and_how_long(folder: Folder, cells: dict[str, str], message: str | None) -> None:
    folder.write("policy_exception", [EXCEPTION | cells])
    found = folder.problems(on=None)
    if message is None:
        assert found == []
    else:
        assert len(found) == 1
        assert found[0].startswith(f"policy_exception.csv:2 EX-1 {message.removesuffix(' [L3]')}".split(" [")[0])


# ---------------------------------------------------------------- values that can't be read


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ({"lower_bound": "10万"}, "lower_bound '10万' is not a decimal; write digits with a point, without thousands"),
        ({"lower_bound": "100,000"}, "lower_bound '100,000' is not a decimal"),
        ({"lower_bound": "1e5"}, "lower_bound '1e5' is not a decimal"),
        ({"lower_bound": "NaN"}, "lower_bound 'NaN' is not a decimal"),
        ({"lower_bound": "0.00001"}, "lower_bound '0.00001' is a decimal of more than 4 places"),
        ({"lower_inclusive": "yes"}, "lower_inclusive 'yes' is neither true nor false"),
        ({"condition_no": "1.5"}, "condition_no '1.5' is not a whole number"),
        ({"valid_from": "1/1/1990"}, "valid_from '1/1/1990' is not a date; write YYYY-MM-DD"),
        ({"valid_to": "2026-02-30"}, "valid_to '2026-02-30' is not a calendar day"),
        ({"tier_code": ""}, "tier_code is empty"),
        ({"route": "aum "}, "route 'aum ' has blanks around it"),
    ],
)
def test_a_value_that_cannot_be_read_is_a_problem_and_no_traceback(
    folder: Folder, cells: dict[str, str], message: str
) -> None:
    folder.change(RULES, "RT-T3-AUM", **cells)
    found = folder.problems()
    assert len(found) == 1
    assert found[0].startswith(expect(folder, RULES, "RT-T3-AUM", f"unreadable: {message}"))
    assert found[0].endswith("[L0]")


def test_files_that_cannot_be_read_are_problems(folder: Folder) -> None:
    folder.edit("policy_route", lambda text: text.replace("label_zh", "label_cn", 1))
    folder.edit("policy_visit_channel", lambda text: text.replace("VC-PHONE,phone", "VC-PHONE,phone,message"))
    folder.edit("policy_segment", lambda text: text + '"open')
    (folder.path / "policy_capacity.csv").unlink()
    (folder.path / "policy_document.csv").write_bytes("document_id\n公司".encode("gb18030"))
    (folder.path / "policy_visits.csv").write_text("rule_id\n", encoding="utf-8")
    assert folder.problems() == [
        "policy_capacity.csv unreadable: the file is missing [L0]",
        "policy_document.csv:2 unreadable: the file is saved in GBK (Excel's plain 'CSV'), not in UTF-8; this line"
        " holds '公司'; save it as 'CSV UTF-8 (comma delimited)' [L0]",
        "policy_route.csv:1 unreadable: unknown column 'label_cn'; missing column 'label_zh' [L0]",
        f"policy_segment.csv:{len(folder.rows('policy_segment')) + 1} unreadable: a quotation mark is opened here and"
        " never closed; close it, or double it [L0]",
        "policy_visit_channel.csv:3 VC-PHONE unreadable: 10 cells where the header has 9; quote a value with a comma"
        " [L0]",
        "policy_visits.csv unreadable: there is no family of this name; _policy__seeds.yml lists them [L0]",
    ]


def test_a_value_of_two_lines_keeps_the_count_of_lines(folder: Folder) -> None:
    folder.edit("policy_visit_channel", lambda text: text.replace("VC-ON-SITE,on_site,", 'VC-ON-SITE,"on\nsite",'))
    folder.edit("policy_visit_channel", lambda text: text.replace("phone", "telephone"))
    assert [line.split(":")[1].split(" ")[0] for line in folder.problems()] == ["2", "4"]


# ---------------------------------------------------------------- dates


def test_a_row_closed_without_a_successor_is_found_from_its_day_on(folder: Folder) -> None:
    folder.change("policy_score_band", "AG-GOOD", valid_to="2027-01-01")
    message = "hole: appraisal_grade: nobody decides appraisal_score from 80 to below 90"
    assert folder.problems(date(2026, 12, 31)) == []
    (found,) = (line for line in folder.problems(date(2027, 1, 1)) if "hole" in line)
    assert found == expect(folder, "policy_score_band", "AG-PASS-GAP", f"{message} [L1]")
    (found,) = (line for line in folder.problems(on=None) if "hole" in line)
    assert found == expect(folder, "policy_score_band", "AG-PASS-GAP", f"{message}, from 2027-01-01 on [L1]")


def test_a_month_between_a_row_and_its_successor_is_a_hole_of_that_month(folder: Folder) -> None:
    folder.change("policy_score_band", "AG-GOOD", valid_to="2027-01-01")
    folder.add("policy_score_band", "AG-GOOD", valid_from="2027-02-01", valid_to="")
    (found,) = (line for line in folder.problems(on=None) if "hole" in line)
    assert found.endswith("from 80 to below 90, from 2027-01-01 to before 2027-02-01 [L1]")
    assert folder.problems(date(2027, 2, 1)) == []


def test_a_date_before_all_rows_is_named(folder: Folder) -> None:
    assert folder.problems(date(1989, 12, 31)) == [
        "policy_scheme.csv:1 nothing in force: no row holds on 1989-12-31; the first row holds from 1990-01-01 [L5]"
    ]


def test_the_order_of_the_rows_means_nothing(folder: Folder) -> None:
    for family in (RULES, "policy_tier", "policy_route", "policy_measure", "policy_maintainer"):
        folder.write(family, folder.rows(family)[::-1])
    assert folder.problems(on=None) == []


# ---------------------------------------------------------------- what the warehouse reads


def test_every_parameter_that_is_read_is_a_row() -> None:
    folders = (PROJECT_ROOT / "dbt_project", PROJECT_ROOT / "expectations")
    files = [file for folder in folders for file in folder.rglob("*") if file.suffix in (".sql", ".yml", ".py")]
    read: set[str] = set()
    for file in files:
        if "target" in file.parts:
            continue
        text = file.read_text(encoding="utf-8")
        read |= set(re.findall(r"\bparameter\(\s*'(\w+)'", text))
        if file.is_relative_to(PROJECT_ROOT / "expectations") and file.suffix == ".yml":
            read |= set(re.findall(r"\$(\w+)", text)) - PLACEHOLDERS
    kept = {row["parameter_id"] for row in Folder.rows_of(POLICY_FOLDER, "policy_parameter")}
    assert {"age_limit", "shared_phone_limit", "card_spend_window_months"} <= read
    assert read - kept == set()


# Filled in by rules.py itself.
PLACEHOLDERS = {
    "batch", "table", "column", "enum", "choices", "parent", "parent_key", "parent_words", "base_currency",
    "amount_limit", "codes", "first_of", "unreadable", "scale",
}  # fmt: skip


# ---------------------------------------------------------------- the command and the refresh


def fenceng(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [Path(sys.executable).parent / "fenceng", "policy", "lint", *map(str, arguments)]
    return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=False)


def test_the_command_says_sound_or_lists_what_is_not(folder: Folder) -> None:
    shipped = fenceng()
    assert (shipped.returncode, shipped.stderr) == (0, "")
    assert re.fullmatch(r"the policy is sound on every date: \d+ rows in \d+ files\n", shipped.stdout)
    folder.change("policy_score_band", "AG-GOOD", valid_to="2027-01-01")
    before = fenceng("--policy", folder.path, "--date", "2026-12-31")
    assert (before.returncode, before.stdout.split(":")[0]) == (0, "the policy is sound on 2026-12-31")
    after = fenceng("--policy", folder.path, "--date", "2027-01-01")
    assert (after.returncode, after.stderr) == (3, "")
    *lines, summary = after.stdout.splitlines()
    assert [line.removeprefix(f"{folder.path.as_posix()}/") for line in lines] == folder.problems(date(2027, 1, 1))
    assert summary == f"{len(lines)} problems in 2 files of the policy, on 2027-01-01"


def test_wrong_use_of_the_command_is_2(tmp_path: Path) -> None:
    nowhere = fenceng("--policy", tmp_path / "none")
    assert nowhere.returncode == 2
    assert "no folder of policy CSVs" in nowhere.stderr
    assert fenceng("--date", "soon").returncode == 2


def test_a_refresh_keeps_the_problems_as_blocking_findings(folder: Folder, tmp_path: Path) -> None:
    settings = Settings(landing=tmp_path / "landing", output=tmp_path / "output", memory_limit="1GB")
    lint_policy(settings, D, folder.path)
    assert not settings.warehouse.exists(), "a sound policy leaves nothing behind"

    folder.drop("policy_score_band", "AG-PASS-GAP")
    line = folder.line("policy_score_band", "AG-PASS")
    with pytest.raises(PolicyRefusedError, match=rf"policy_score_band\.csv:{line} AG-PASS hole: appraisal_grade"):
        lint_policy(settings, D, folder.path)
    with duckdb.connect(str(settings.warehouse), read_only=True) as connection:
        kept = connection.execute(
            "select rule_id, severity, table_name, rows, because, detail from run.finding"
        ).fetchall()
    assert [Finding(*row) for row in kept] == [
        Finding(
            "AG-PASS",
            "block",
            f"{folder.path.as_posix()}/policy_score_band.csv:{line}",
            0,
            "hole: appraisal_grade: nobody decides appraisal_score from 70 to below 80",
            "policy lint L1",
        )
    ]
    folder.change("policy_score_band", "AG-PASS", upper_bound="80")
    lint_policy(settings, D, folder.path)
    assert not settings.warehouse.exists(), "the findings of the run before are not those of this one"


def test_the_schema_of_the_rows_is_that_of_dbt() -> None:
    """Each seed in the YAML is a readable family, with a key that the lint can use."""
    seeds = yaml.safe_load((POLICY_FOLDER / "_policy__seeds.yml").read_text(encoding="utf-8"))["seeds"]
    policy = load_policy()
    assert set(policy.rows) == {seed["name"] for seed in seeds}
    assert all(set(schema.key) <= set(schema.columns) for schema in policy.schemas.values())


def test_labelled_categories_are_those_of_the_contract() -> None:
    """A label for a value not in the contract would let a rule name it."""
    with (REFERENCE_FOLDER / "ref_category.csv").open(encoding="utf-8", newline="") as handle:
        listed = [(row["vocabulary"], row["category"]) for row in csv.DictReader(handle)]
    columns = {
        f"{table.name}.{column.name}": set(column.enum)
        for table in load_contract().tables.values()
        for column in table.columns
        if column.enum
    }
    of_contract = {name for name, _ in listed} & columns.keys()
    assert of_contract
    assert {name: {code for other, code in listed if other == name} for name in of_contract} == {
        name: columns[name] for name in of_contract
    }


def test_the_words_of_the_models_have_labels() -> None:
    """A policy row may name what the models know, and every such word has a label; no label is left over."""
    words = load_policy().vocabularies
    cards = {f"{kind}_card" for kind in words["card.card_kind"]}
    holdings = {*words["account.product_type"], *words["ref_category.brokerage.product_type"], "loan", *cards}
    known = {
        "action_kind": set(ACTION_KINDS),
        "action_scope": set(SCOPES),
        "visit_signal": set(SIGNALS),
        "profile_field": set(PROFILE_FIELDS),
        # Every tier is a group too, without a row.
        "group_kind": {"tier", *GROUP_KINDS},
        "product_kind": holdings,
    }
    assert {name: set(words[f"ref_category.{name}"]) for name in known} == known


def test_a_rule_on_a_default_tier_is_never_met(folder: Folder) -> None:
    """A T0 customer has no outcome to assign a maintainer by; the models assign none either."""
    folder.change("policy_maintainer", "RM-T5", category_value="T0")
    assert any(
        problem.rule_id == "RM-T5" and "never met: T0 is the default of retail_tier" in problem.message
        for problem in lint(folder.load(), D)
    )


def test_a_measure_of_the_other_segment_is_never_met(folder: Folder) -> None:
    folder.change("policy_tier_rule", "RS-LOAN", measure_id="open_accounts", lower_bound="1")
    assert any(
        problem.rule_id == "RS-LOAN" and "never met: open_accounts is not measured for retail" in problem.message
        for problem in lint(folder.load(), D)
    )
