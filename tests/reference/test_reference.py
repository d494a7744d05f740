"""The reference against hand-worked cases, and the two file formats against each other."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from .bank import Result, blocked, compute
from .compare import count_differences, differences, reject_differences
from .contract import TABLES
from .days import year_before
from .foreign_landing import write_landing
from .hand_bank import Bank, D, by_key, tiers_of
from .history import History
from .landing import resident_id_ok, uscc_ok

# Working days of January 2025, without New Year (1st) and the Spring
# Festival (28th-31st), with the make-up day on Sunday 26th: 2 3 | 6-10 | 13-17 | 20-24 | 26 27
# = 2 + 5 + 5 + 5 + 2 = 19. Up to and with the 15th: 2 3 | 6-10 | 13 14 15 = 10.
SHARE = 10 / 19
DECEMBER = date(2024, 12, 1)


def test_visits_by_hand(bank: Bank) -> None:
    """One customer C2 as of last month, one new customer, and who may visit."""
    bank.add("customer", customer_id="F1", customer_kind="corporate")
    bank.add("customer", customer_id="F2", customer_kind="corporate", opened_on="2025-01-02")
    bank.add("account", account_id="1", customer_id="F1", balance="1.00")
    bank.add("account", account_id="2", customer_id="F2", balance="1.00")
    bank.add("employee", employee_id="E1", org_id="O1", role="outlet_head")
    bank.add("employee", employee_id="E2", org_id="O2", role="outlet_head")
    bank.add("employee", employee_id="E3", org_id="CD", role="corporate_department_head")
    bank.add("employee", employee_id="E4", org_id="HO", role="branch_president")
    bank.add("employee", employee_id="E5", org_id="O1", role="outlet_deputy_head")
    # F1, outlet_leader (2): V1 jointly by head and deputy is one contact; V2 by the neighbour
    # outlet none; V3 a message none; V4 last month none, but older than V1 anyway
    bank.add("visit", visit_id="V1", customer_id="F1", employee_id="E1")
    bank.add("visit", visit_id="V1", customer_id="F1", employee_id="E5")
    bank.add("visit", visit_id="V2", customer_id="F1", employee_id="E2")
    bank.add("visit", visit_id="V3", customer_id="F1", employee_id="E1", channel="message")
    bank.add("visit", visit_id="V4", customer_id="F1", employee_id="E1", visited_on="2024-12-31")
    # corporate_department_head (2): two by phone from the department of the branch: met
    bank.add("visit", visit_id="V5", customer_id="F1", employee_id="E3", channel="phone")
    bank.add("visit", visit_id="V6", customer_id="F1", employee_id="E3", visited_on="2025-01-01")
    # branch_leader (1): head office is an ancestor; last year only: open, last contact shown
    bank.add("visit", visit_id="V7", customer_id="F1", employee_id="E4", visited_on="2024-02-02")
    # F2 opened on the second day of M: excluded, its contact is still counted
    bank.add("visit", visit_id="V8", customer_id="F2", employee_id="E5")
    result = compute(bank.write(), D, tiers_of(DECEMBER, {"F1": "C2"}))
    duties = by_key(result, "fct_visit_obligation_monthly", "customer_id", "role_group")
    got = {
        key: (
            row["tier_code"],
            row["obligation_basis"],
            row["required_contacts"],
            row["counted_contacts"],
            row["shortfall"],
            row["status"],
            row["last_contact_on"],
        )
        for key, row in duties.items()
    }
    tenth = date(2025, 1, 10)
    before = ("C2", "previous_month")
    assert got == {
        ("F1", "branch_leader"): (*before, 1, 0, 1, "open", date(2024, 2, 2)),
        ("F1", "corporate_department_head"): (*before, 2, 2, 0, "met", tenth),
        ("F1", "branch_account_manager"): (*before, 3, 0, 3, "open", None),
        ("F1", "outlet_leader"): (*before, 2, 1, 1, "open", tenth),
        ("F1", "outlet_account_manager"): (*before, 3, 0, 3, "open", None),
        ("F2", "outlet_leader"): ("C3", "current", 2, 1, 0, "excluded", tenth),
        ("F2", "outlet_account_manager"): ("C3", "current", 3, 0, 0, "excluded", None),
    }
    assert duties["F1", "outlet_leader"]["expected_to_date"] == pytest.approx(2 * SHARE)
    orgs = by_key(result, "fct_visit_compliance_by_org_monthly", "org_id", "role_group")
    assert {key[0] for key in orgs if isinstance(key, tuple)} == {"O1", "BR", "HO"}
    # F1 alone: required 1 + 2 + 3 + 2 + 3 = 11, credited 0 + 2 + 0 + 1 + 0 = 3; met 1 of 5
    everything = orgs["HO", "all"]
    assert (everything["obligations"], everything["excluded"]) == (7, 2)
    assert everything["required_contacts"] == 11
    assert everything["compliance_rate"] == pytest.approx(1 / 5)
    assert everything["contact_completion_rate"] == pytest.approx(3 / 11)
    # Nineteen working days: a leader of an outlet makes 2 contacts a day, one of a branch 1, a head of department 2.
    capacity = by_key(result, "fct_visit_capacity_monthly", "org_id", "role_group")
    columns = ("duties", "required_contacts", "people", "possible_contacts", "people_needed", "is_feasible")
    assert {key: tuple(row[name] for name in columns) for key, row in capacity.items()} == {
        ("HO", "branch_leader"): (1, 1, 1, 19, 1, True),
        ("CD", "corporate_department_head"): (1, 2, 1, 38, 1, True),
        ("O1", "branch_account_manager"): (1, 3, 0, 0, 1, False),
        ("O1", "outlet_leader"): (1, 2, 2, 76, 1, True),
        ("O1", "outlet_account_manager"): (1, 3, 0, 0, 1, False),
        ("O2", "outlet_leader"): (0, 0, 1, 38, 0, True),
    }
    people = by_key(result, "fct_visit_compliance_by_employee_monthly", "employee_id")
    assert {name: (row["counted_contacts"], row["customers_contacted"]) for name, row in people.items()} == {
        "E1": (1, 1),
        "E3": (2, 1),
        "E5": (2, 2),
    }


def test_quarantine_by_hand(bank: Bank) -> None:
    """One row per kind, and the fate of the rows that refer to it."""
    bank.add("organization", org_id="Q1", parent_org_id="??", org_level="outlet", org_name="x")
    bank.add("customer", customer_id="P1")
    bank.add("customer", customer_id="P2", org_id="Q1")  # its outlet was rejected
    bank.add("customer", customer_id="P3", id_type="uscc", id_number="91110000600037341M")
    bank.add("customer", customer_id="P4")
    bank.add("customer", customer_id="P4")
    bank.add("customer", customer_id="P5")
    bank.add("customer", customer_id="P5", mobile_phone="13900000000")
    bank.add("account", account_id="1", customer_id="P2", balance="1.00")
    bank.add("account", account_id="2", customer_id="P1", balance="1.001")
    bank.add("account", account_id="3", customer_id="P1", balance="10000000000000.00")
    bank.add("account", account_id="4", customer_id="P1", balance="9999999999999.99")
    bank.add("account", account_id="5", customer_id="P1", balance="1.00", currency="USD")
    bank.add("account", account_id="6", customer_id="P1", balance="", status="open")
    bank.add("fx_rate", currency="JPY", cny_per_unit="0.05")
    bank.add("fx_rate", currency="GBP", cny_per_unit="10")
    bank.add("fx_rate", currency="CHF", cny_per_unit="-1")
    bank.add("account", account_id="7", customer_id="P1", balance="1000000000000.00", currency="GBP")
    bank.add("account", account_id="8", customer_id="P1", balance="9999999999999.99", currency="JPY")
    bank.add("account", account_id="9", customer_id="P1", balance="1.00", currency="CHF")
    assets = {"customer_id": "nobody", "report_kind": "annual"}
    bank.add("financial_statement", **assets, period_end="2023-12-31", total_assets="99999999999999.99")
    bank.add("financial_statement", **assets, period_end="2022-12-31", total_assets="1e14")
    bank.add("loan", loan_id="1", customer_id="P1", principal_balance="-0.01")
    bank.add("loan", loan_id="2", customer_id="P1", principal_balance="0", drawn_on="2025-01-16")
    bank.add("corporate_profile", customer_id="P1", settlement_share="1.01")
    tx = {"transaction_id": "1", "card_id": "x", "customer_id": "x", "amount": "1.00"}
    bank.add("card_transaction", biz_date="2025-01-14", transacted_on="2025-01-14", **tx)
    bank.add("card_transaction", transacted_on="2025-01-14", **tx)
    bank.add("card_transaction", biz_date="2025-01-16", transacted_on="2025-01-14", **tx)
    bank.add("brokerage", brokerage_account_id="1", customer_id="P4", margin_balance="1.00")
    result = compute(bank.write(), D)
    assert result.rejects == {
        ("organization", D, "Q1", "reference"),
        ("customer", D, "P2", "reference"),
        ("customer", D, "P3", "checksum"),
        ("customer", D, "P4", "duplicate"),
        ("customer", D, "P5", "conflict"),
        ("account", D, "1|CNY", "reference"),
        ("account", D, "2|CNY", "type"),
        ("account", D, "3|CNY", "limit"),
        ("account", D, "5|USD", "rate"),
        ("account", D, "6|CNY", "required"),
        ("account", D, "7|GBP", "limit"),
        ("account", D, "9|CHF", "rate"),
        ("fx_rate", D, "CHF", "positive"),
        ("financial_statement", D, "nobody|2022-12-31|annual", "limit"),
        ("account", D, "6|CNY", "enum"),
        ("loan", D, "1", "negative"),
        ("loan", D, "2", "future"),
        ("corporate_profile", D, "P1", "range"),
        ("card_transaction", D, "1", "duplicate"),
    }
    # P4 has a copy that was kept; P2, P3 and P5 are no longer customers, and neither is `nobody`.
    assert result.held_back == {
        *(("P1", "account", kind) for kind in ("type", "limit", "rate", "required", "enum")),
        ("P1", "loan", "negative"),
        ("P1", "loan", "future"),
        ("P1", "corporate_profile", "range"),
    }
    assert (result.received["customer"], result.quarantined["customer"]) == (7, 5)
    assert result.received["card_transaction"] == 2
    assert blocked(bank.landing, D) == ["employee: empty"]
    counts = {name: (result.received[name], result.accepted[name], result.quarantined[name]) for name in TABLES}
    assert count_differences(counts, result) == []
    assert reject_differences(result.rejects, result) == []
    assert len(reject_differences([], result)) == 19


def test_quarantine_of_the_operation(bank: Bank) -> None:
    """Points, periods and days of what belongs to people, outlets and campaigns."""
    bank.add("employee", employee_id="E1", org_id="O1", role="branch_president")
    bank.add("employee", employee_id="E2", org_id="O1", role="??")
    score = {"year": "2024-01-01", "part": "leader"}
    bank.add("appraisal_score", employee_id="E1", score="50.00", **score)
    bank.add("appraisal_score", employee_id="E1", score="50.01", year="2023-01-01", part="leader")
    bank.add("appraisal_score", employee_id="E1", score="-0.01", year="2022-01-01", part="leader")
    bank.add("appraisal_score", employee_id="E1", score="0", year="2022-01-02", part="leader")
    bank.add("appraisal_score", employee_id="E2", score="0", **score)
    for n, (value, received) in enumerate(
        [("100", str(D)), ("100.01", str(D)), ("-1", str(D)), ("", "2025-01-16"), ("1", "2025-01-15")]
    ):
        bank.add("appraisal_feedback", feedback_id=str(n), employee_id="gone", channel="hotline", score=value,
                 received_on=received)  # fmt: skip
    for n, (starts, ends) in enumerate([(D, D), (D, "2025-01-14"), (D, "")]):
        bank.add("campaign", campaign_id=str(n), org_id="O1", starts_on=str(starts), ends_on=str(ends))
    bank.add("campaign_member", campaign_id="0", customer_id="gone", is_control="false")
    bank.add("campaign_member", campaign_id="1", customer_id="gone", is_control="false")
    bank.add("target", org_id="O1", metric="?", year="2025-01-01", amount="9999999999999.99")
    bank.add("target", org_id="O2", metric="?", year="2025-01-01", amount="1e13")
    bank.add("target", org_id="O1", metric="?", year="2025-02-01", amount="1")
    bank.add("reported_metric", org_id="O1", metric="?", month="2025-01-01", value="123456789012345678.000001")
    bank.add("reported_metric", org_id="O1", metric="?", month="2025-01-31", value="1")
    bank.add("reported_metric", org_id="O3", metric="?", month="2025-01-01", value="1")
    result = compute(bank.write(), D)
    tables = {"appraisal_score", "appraisal_feedback", "campaign", "campaign_member", "target", "reported_metric"}
    assert {(table, key, kind) for table, _, key, kind in result.rejects if table in tables} == {
        ("appraisal_score", "E1|2023-01-01|leader", "range"),
        ("appraisal_score", "E1|2022-01-01|leader", "range"),
        ("appraisal_score", "E1|2022-01-02|leader", "first_day"),
        ("appraisal_score", "E2|2024-01-01|leader", "reference"),
        ("appraisal_feedback", "1", "range"),
        ("appraisal_feedback", "2", "range"),
        ("appraisal_feedback", "3", "future"),
        ("campaign", "1", "order"),
        ("campaign", "2", "required"),
        ("campaign_member", "1|gone", "reference"),
        ("target", "O2|?|2025-01-01", "limit"),
        ("target", "O1|?|2025-02-01", "first_day"),
        ("reported_metric", "O1|?|2025-01-31", "first_day"),
        ("reported_metric", "O3|?|2025-01-01", "reference"),
    }
    assert [row["campaign_id"] for row in result.marts["fct_campaign_result"]] == ["0"]


def test_cycles_end(bank: Bank) -> None:
    """A cycle of parents gives each member the others as ancestors, and ends."""
    for name, parent in (("A", "B"), ("B", "A"), ("S", "S")):
        bank.add("organization", org_id=name, parent_org_id=parent, org_level="outlet", org_name=name)
    bank.add("customer", customer_id="F1", customer_kind="corporate", org_id="A")
    bank.add("account", account_id="1", customer_id="F1", balance="1.00")
    result = compute(bank.write(), D)
    orgs = by_key(result, "fct_visit_compliance_by_org_monthly", "org_id", "role_group")
    assert {key for key in orgs if isinstance(key, tuple) and key[1] == "all"} == {
        ("A", "all"),
        ("B", "all"),
    }


def test_blocked_by_hand(bank: Bank) -> None:
    """Every reason to block a delivery."""
    bank.add("customer", customer_id="P1")
    bank.add("account", account_id="1", customer_id="P1", balance="1.00")
    bank.add("employee", employee_id="E1", org_id="O1", role="outlet_head")
    landing = bank.write()
    assert blocked(landing, D) == []
    late = blocked(landing, date(2025, 1, 16))
    assert any("stale" in reason for reason in late)
    assert not any("visit" in reason or "card_transaction" in reason for reason in late)
    early = blocked(landing, date(2025, 1, 14))
    missing = {table.name for table in TABLES.values() if table.required}
    assert {reason.split(":")[0] for reason in early} == missing
    control = landing / "account" / f"biz_date={D}" / "_control.json"
    control.write_text(json.dumps({"rows": 2}), encoding="utf-8")
    assert len(blocked(landing, D)) == 1
    control.write_text(json.dumps({"rows": 1, "files": {"data.csv": "0"}}), encoding="utf-8")
    assert len(blocked(landing, D)) == 1
    control.unlink()
    visits = landing / "visit" / f"biz_date={D}" / "data.csv"
    visits.write_text("visit_id,customer_id,employee_id,visited_on,channel\r\n")
    assert blocked(landing, D) == [f"visit {D} data.csv: column outcome is missing"]
    bank.write()
    for n in range(101):
        bank.add("account", account_id=f"X{n}", customer_id="P1", balance="?")
    for n in range(20_099):
        bank.add("account", account_id=f"Y{n}", customer_id="P1", balance="1.00")
    # 101 of 20,201 rows are less than 0.5 %
    assert blocked(bank.write(), D) == []
    for _ in range(99):
        bank.rows["account", str(D)].pop()
    # 101 of 20,102 are more than 0.5 %
    assert blocked(bank.write(), D) == ["account: 101 of 20102 rows quarantined"]


def test_check_characters() -> None:
    """Example numbers from the standards, and the edges of the calendar."""
    assert resident_id_ok("11010519491231002X")
    assert resident_id_ok("11010519491231002x")
    assert uscc_ok("91110000600037341l")
    assert not uscc_ok("9111000060003734\ufb00")
    assert not resident_id_ok("110105194912310021")
    assert not resident_id_ok("110105491231002")
    assert uscc_ok("91110000600037341L")
    assert not uscc_ok("91110000600037341M")
    assert year_before(date(2024, 2, 29)) == date(2023, 2, 28)


def test_compare_sees(bank: Bank) -> None:
    """A one-fen difference, a missing row, a surplus row and a missing table are detected."""
    bank.add("customer", customer_id="P1")
    bank.add("customer", customer_id="P2")
    bank.add("account", account_id="1", customer_id="P1", balance="1.00")
    result = compute(bank.write(), D)
    published = _published(result)
    assert differences(published, result) == []
    published["fct_customer_tier_monthly"][0]["financial_assets"] = Decimal("1.01")
    del published["dim_customer"][1]
    published["dim_tier"].append({"tier_code": "T9", "segment": "retail", "tier_rank": 9})
    published["fct_tier_evidence"][0]["is_winner"] = False
    del published["dim_employee"]
    lines = differences(published, result)
    assert len(lines) == 5, lines
    assert "dim_employee: not published, and compare.AWAITED does not list it" in lines
    assert any("P1 financial_assets: published Decimal('1.01')" in line for line in lines)


def _published(result: Result) -> dict[str, list[dict[str, object]]]:
    return {table: [dict(row, is_winner=True) for row in rows] for table, rows in result.marts.items()}


@pytest.mark.parametrize("defects", [False, True])
def test_formats_agree(tmp_path: Path, defects: bool) -> None:
    """The foreign landing zone means the same in both formats and is never blocked."""
    days = [date(2024, 12, 31), date(2025, 1, 1), date(2025, 1, 17)]
    for file_format in ("csv", "parquet"):
        write_landing(
            tmp_path / file_format,
            days,
            customers=180,  # with fewer, a small table would lose more than half of its rows to the defects
            seed=20 + defects,
            file_format=file_format,
            defects=defects,
        )
    history = History()
    for day in days:
        one, two = (compute(tmp_path / name, day, history) for name in ("csv", "parquet"))
        assert differences(_published(one), two) == []
        assert (one.rejects, one.received, one.quarantined) == (
            two.rejects,
            two.received,
            two.quarantined,
        )
        assert blocked(tmp_path / "csv", day) == blocked(tmp_path / "parquet", day) == []
        kinds = {kind for _, _, _, kind in one.rejects}
        assert not defects or {"required", "type", "enum", "reference", "conflict"} <= kinds
        if day.month == 12:
            history = history.after(one.policy_month, one.marts)
