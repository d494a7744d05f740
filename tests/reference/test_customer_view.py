"""The view of a customer by hand: holdings, windows, past months, contacts, data, links and stars."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

import pytest

from .bank import compute
from .customer_view import star
from .days import first_of_quarter, monday_of, next_anniversary, plus_months
from .hand_bank import Bank, D, by_key, tier_row
from .history import TIERS, VIEWS, History
from .red_list import cleaned

DECEMBER, JANUARY = date(2024, 12, 1), date(2025, 1, 1)
VIEW, HOLDINGS = "fct_customer_360_monthly", "fct_customer_holding_monthly"


def views(bank: Bank, history: History | None = None, day: date = D) -> dict[object, Mapping[str, object]]:
    """The view of every customer."""
    return by_key(compute(bank.write(), day, history), VIEW, "customer_id")


def test_days() -> None:
    assert plus_months(date(2024, 12, 31), 2) == date(2025, 2, 28)
    assert plus_months(date(2023, 12, 31), 2) == date(2024, 2, 29)
    assert plus_months(date(2025, 3, 31), -1) == date(2025, 2, 28)
    assert plus_months(date(2025, 1, 15), -12) == date(2024, 1, 15)
    assert [first_of_quarter(date(2025, month, 9)).month for month in (1, 3, 4, 12)] == [1, 1, 4, 10]
    leap = date(2004, 2, 29)
    assert next_anniversary(leap, date(2025, 2, 27)) == date(2025, 3, 1)
    assert next_anniversary(leap, date(2025, 3, 1)) == date(2025, 3, 1)
    assert next_anniversary(leap, date(2025, 3, 2)) == date(2026, 3, 1)
    assert next_anniversary(leap, date(2024, 2, 29)) == date(2024, 2, 29)
    assert next_anniversary(date(1990, 1, 2), date(2024, 12, 31)) == date(2025, 1, 2)
    assert [monday_of(date(2025, 1, day)).day for day in (13, 15, 19)] == [13, 13, 13]


def test_stars_of_seven() -> None:
    assert [star(place, 7) for place in range(1, 8)] == [5, 4, 3, 3, 2, 2, 1]
    assert [star(place, 1) for place in (1,)] == [5]
    # a hundredth of 20 is one whole customer, not two
    assert [star(place, 20) for place in (1, 2, 4, 5, 10, 11, 16, 17)] == [5, 4, 4, 3, 3, 2, 2, 1]


@pytest.mark.parametrize(
    ("phone", "bare"),
    [
        (None, ""),
        ("\u3000- \t\u2028", ""),
        ("+86 139-0000\u30000001", "13900000001"),
        ("+86+86139", "+86139"),
        ("8613900000001", "8613900000001"),
        ("- +86139", "139"),
        ("139\u200b", "139\u200b"),  # a zero-width space is no white space
    ],
)
def test_cleaned_numbers(phone: str | None, bare: str) -> None:
    assert cleaned(phone) == bare


def test_holdings_and_services(bank: Bank) -> None:
    bank.add("fx_rate", currency="JPY", cny_per_unit="0.05")
    bank.add("customer", customer_id="P")
    bank.add("customer", customer_id="Q")
    deposit = {"customer_id": "P", "account_id": "1"}
    bank.add("account", **deposit, balance="-5.00")
    bank.add("account", **deposit, balance="0.10", currency="JPY")
    bank.add("account", customer_id="P", account_id="2", balance="7.00", product_type="fund", status="closed")
    bank.add("account", customer_id="P", account_id="3", balance="0.00", product_type="trust", status="frozen")
    bank.add("brokerage", brokerage_account_id="1", customer_id="P", margin_balance="-1.00")
    bank.add("loan", loan_id="1", customer_id="P", principal_balance="0.00")
    bank.add("loan", loan_id="2", customer_id="P", principal_balance="9.00", status="settled")
    bank.add("card", card_id="1", customer_id="P", card_grade="gold")
    bank.add("card", card_id="2", customer_id="P", card_grade="gold", status="inactive")
    bank.add("card", card_id="3", customer_id="P", card_grade="gold", card_kind="debit")
    for kind, opened_on, closed_on in (
        ("payroll", "2025-01-15", ""), ("bill", "2024-01-01", "2025-01-16"), ("agency", "2024-01-01", "2025-01-15"),
        ("payroll", "2020-01-01", ""), ("investment", "2025-01-16", ""),
    ):  # fmt: skip
        bank.add("service", customer_id="P", service_kind=kind, opened_on=opened_on, closed_on=closed_on)
    result = compute(bank.write(), D)
    held = by_key(result, HOLDINGS, "customer_id", "product_kind")
    assert {
        key: (row["items"], None if row["balance"] is None else str(row["balance"])) for key, row in held.items()
    } == {
        ("P", "demand_deposit"): (2, "0.01"),  # 0 + 0.005, half up
        ("P", "trust"): (1, "0.00"),
        ("P", "custody_margin"): (1, "-1.00"),
        ("P", "loan"): (1, "0.00"),
        ("P", "credit_card"): (1, None),
        ("P", "debit_card"): (1, None),
    }
    rows = by_key(result, VIEW, "customer_id")
    assert [(rows[name]["product_depth"], rows[name]["service_depth"]) for name in "PQ"] == [(6, 2), (0, 0)]


def test_channels(bank: Bank) -> None:
    bank.add("customer", customer_id="NEW", customer_kind="corporate", opened_on="2024-01-16")
    bank.add("customer", customer_id="OLD", customer_kind="institution", opened_on="2024-01-15")
    bank.add("customer", customer_id="SCHOOL", customer_kind="corporate")
    bank.add("corporate_profile", customer_id="SCHOOL", institution_type="school", settlement_share="0.25")
    bank.add("customer", customer_id="P", opened_on="2025-01-01")
    bank.add("loan", loan_id="1", customer_id="OLD", principal_balance="0.01")
    bank.add("loan", loan_id="2", customer_id="NEW", principal_balance="0.00")
    bank.add("credit_line", credit_line_id="1", customer_id="SCHOOL", target_amount="1.00", approved_amount="0.01")
    rows = views(bank)
    names = ("is_new_corporate", "is_institution", "is_borrower", "settlement_share")
    assert {name: tuple(row[column] for column in names) for name, row in rows.items()} == {
        "NEW": (True, False, False, None),
        "OLD": (False, True, True, None),
        "SCHOOL": (False, True, True, 0.25),
        "P": (None, None, None, None),
    }


def test_windows_and_past_months(bank: Bank) -> None:
    """The windows end with the month before M, and every balance is read as published."""
    for name, kind, balance in (("P", "personal", "50.00"), ("Q", "personal", "50.01"), ("F", "corporate", "10.00")):
        bank.add("customer", customer_id=name, customer_kind=kind)
        bank.add("account", account_id=name, customer_id=name, balance=balance)
    for month, revenue in (
        ("2025-01-01", "1"),
        ("2024-10-01", "2"),
        ("2024-09-01", "4"),
        ("2024-01-01", "8"),
        ("2023-12-01", "16"),
    ):
        bank.add("contribution", customer_id="P", month=month, revenue=revenue, economic_capital_return=f"-{revenue}")
    october, july, january = date(2024, 10, 1), date(2024, 7, 1), date(2024, 1, 1)
    tiers = [
        tier_row(DECEMBER, "P", "T5", "99.00"),
        *(tier_row(october, name, "T5", "100.00") for name in ("P", "Q")),
        tier_row(october, "F", "T5", "7.00", deposit_balance=Decimal("40.00")),  # was retail then
        tier_row(july, "Q", "T0", "0.00"),
        tier_row(january, "P", "T0", "3.00"),
    ]
    rows = views(bank, History.of_store({TIERS: tiers}))
    assert [str(rows["P"][f"revenue_{n}m"]) for n in (3, 6, 12)] == ["2.00", "6.00", "14.00"]
    assert str(rows["P"]["economic_capital_return_12m"]) == "-14.00"
    assert rows["Q"]["revenue_12m"] is None
    ago = {name: [row[f"financial_assets_{n}m_ago"] for n in (1, 3, 6, 12)] for name, row in rows.items()}
    assert ago == {"P": [99, 100, None, 3], "Q": [None, 100, 0, None], "F": [None, 7, None, None]}
    assert rows["F"]["deposit_balance_3m_ago"] == 40
    drops = {name: (row["drop_share"], row["is_churned"]) for name, row in rows.items()}
    assert drops == {"P": (0.5, True), "Q": (0.4999, False), "F": (0.75, True)}


def test_who_has_churned(bank: Bank) -> None:
    for name in ("OUT", "ZERO", "UP"):
        bank.add("customer", customer_id=name)
    bank.add("account", account_id="1", customer_id="UP", balance="150.00")
    october = date(2024, 10, 1)
    tiers = [
        tier_row(october, "OUT", "T0", "100.00"),
        tier_row(october, "ZERO", "T5"),
        tier_row(october, "UP", "T5", "100.00"),
    ]
    rows = views(bank, History.of_store({TIERS: tiers}))
    drops = {name: (row["drop_share"], row["is_churned"]) for name, row in rows.items()}
    assert drops == {"OUT": (1.0, False), "ZERO": (None, False), "UP": (-0.5, False)}


def test_contacts(bank: Bank) -> None:
    bank.add("customer", customer_id="C1", customer_kind="corporate")
    bank.add("account", account_id="1", customer_id="C1", balance="200000000.00")
    bank.add("customer", customer_id="C2", customer_kind="corporate")
    bank.add("organization", org_id="HD", parent_org_id="HO", org_level="corporate_department", org_name="总行部")
    for name, org_id, role in (
        ("P", "BR", "branch_president"), ("H", "HD", "teller"), ("O", "O1", "outlet_head"), ("B", "CD", "teller"),
    ):  # fmt: skip
        bank.add("employee", employee_id=name, org_id=org_id, role=role)
    for visit_id, employee_id, visited_on, channel in (
        ("V1", "P", "2025-01-01", "phone"), ("V1", "O", "2025-01-01", "phone"), ("V2", "H", "2025-01-02", "on_site"),
        ("V3", "O", "2025-01-03", "on_site"), ("V4", "B", "2025-01-03", "on_site"),
        ("V5", "P", "2024-12-31", "on_site"),
        ("V6", "P", "2025-01-04", "message"), ("V7", "nobody", "2025-01-05", "phone"),
    ):  # fmt: skip
        visit = {"visit_id": visit_id, "employee_id": employee_id, "visited_on": visited_on, "channel": channel}
        bank.add("visit", customer_id="C1", **visit)
    rows = views(bank)
    contacts = {name: (row["high_level_visits"], row["last_contact_on"]) for name, row in rows.items()}
    assert contacts == {"C1": (2, date(2025, 1, 5)), "C2": (None, None)}


def test_the_red_list(bank: Bank) -> None:
    """Six share a number, one of them not in scope; the run of months goes on from what was published."""
    for n in range(6):
        bank.add("customer", customer_id=f"S{n}", mobile_phone="+86 139-0000-0001")
        bank.add("account", account_id=f"S{n}", customer_id=f"S{n}", balance="50000.00" if n else "1.00")
    for n in range(5):
        bank.add("customer", customer_id=f"OK{n}", mobile_phone="13900000002", customer_kind="corporate")
    bank.add("customer", customer_id="BAD", mobile_phone="12900000000", customer_kind="corporate")
    bank.add("customer", customer_id="NONE", mobile_phone=" - ", customer_kind="corporate")
    for name in ("BAD", "NONE", "OK0"):
        bank.add("account", account_id=name, customer_id=name, balance="0.00")
    for name in ("E1", "E2", "E3"):
        bank.add(
            "employee", employee_id=name, org_id="O1", role="outlet_staff", left_on="2025-01-15" if name == "E1" else ""
        )
        bank.add("relationship", customer_id="BAD", employee_id=name, relation="manager", since="2024-01-01")
    november = date(2024, 11, 1)
    before = [
        {"policy_month": DECEMBER, "customer_id": name, "red_list_since": since}
        for name, since in (("S1", november), ("S2", None), ("OK0", november))
    ]
    result = compute(bank.write(), D, History.of_store({VIEWS: before}))
    listed = by_key(result, "fct_contact_red_list", "customer_id")
    assert {name: (row["reason"], row["listed_since"]) for name, row in listed.items()} == {
        "S1": ("shared", november),
        **{f"S{n}": ("shared", JANUARY) for n in (2, 3, 4, 5)},
        "BAD": ("malformed", JANUARY),
        "NONE": ("missing", JANUARY),
    }
    assert [listed[name]["employee_id"] for name in ("BAD", "NONE", "S1")] == ["E2", None, "E2"]
    rows = by_key(result, VIEW, "customer_id")
    assert (rows["S0"]["red_list_reason"], rows["OK0"]["red_list_since"], rows["S1"]["red_list_since"]) == (
        None, None, november,
    )  # fmt: skip
    # S0 is not listed, and its telephone is not known all the same
    assert (rows["S0"]["profile_completeness"], rows["OK0"]["profile_completeness"]) == (0, Decimal("0.3"))


def test_completeness(bank: Bank) -> None:
    phone = {"mobile_phone": "13900000002"}
    bank.add("customer", customer_id="ALL", **phone, birth_date="1990-01-01", id_number="1")
    bank.add("customer", customer_id="SEVEN", **phone, birth_date="1990-01-01")
    bank.add("customer", customer_id="SIX", birth_date="1990-01-01", id_number="1")
    bank.add("customer", customer_id="FOUR", **phone)
    bank.add("customer", customer_id="FIRM", customer_kind="corporate", id_number="1", birth_date="1990-01-01")
    bank.add("corporate_profile", customer_id="FIRM", credit_rating="A", registered_capital="1.00")
    bank.add("customer", customer_id="NINE", customer_kind="corporate", id_number="1", **phone)
    bank.add("corporate_profile", customer_id="NINE", registered_capital="1.00")
    rows = views(bank)
    found = {name: (str(row["profile_completeness"]), row["data_confidence"]) for name, row in rows.items()}
    assert found == {
        "ALL": ("1.000000", "high"),
        "SEVEN": ("0.700000", "medium"),
        "SIX": ("0.600000", "medium"),
        "FOUR": ("0.400000", "low"),
        "FIRM": ("0.700000", "medium"),
        "NINE": ("0.900000", "high"),
    }


def test_statements(bank: Bank) -> None:
    for name in ("OLD", "EDGE", "NONE", "YOUNG", "IDLE", "HALL"):
        bank.add("customer", customer_id=name, customer_kind="institution" if name == "HALL" else "corporate")
        if name != "IDLE":
            bank.add("loan", loan_id=name, customer_id=name, principal_balance="1.00")
    for name in ("YOUNG", "IDLE"):
        bank.add("corporate_profile", customer_id=name, established_on="2025-01-02")
    assert {row["is_statement_stale"] for row in views(bank).values()} == {None}
    stated = {"biz_date": "2025-01-14", "total_assets": "1.00"}
    for name, period_end, kind in (
        ("OLD", "2023-01-14", "annual"), ("OLD", "2024-12-31", "interim"), ("EDGE", "2023-01-15", "annual"),
        ("NONE", "2025-01-16", "annual"), ("YOUNG", "2025-01-03", "interim"), ("IDLE", "2025-01-03", "interim"),
        ("IDLE", "2020-12-31", "annual"), ("HALL", "2020-12-31", "annual"),
    ):  # fmt: skip
        bank.add("financial_statement", customer_id=name, period_end=period_end, report_kind=kind, **stated)
    rows = views(bank)
    assert {name: (row["statement_period_end"], row["is_statement_stale"]) for name, row in rows.items()} == {
        "OLD": (date(2023, 1, 14), True),
        "EDGE": (date(2023, 1, 15), False),
        "NONE": (None, True),
        "YOUNG": (date(2025, 1, 3), False),
        "IDLE": (date(2020, 12, 31), None),
        "HALL": (date(2020, 12, 31), None),
    }


def test_links(bank: Bank) -> None:
    for name in "ABC":
        bank.add("customer", customer_id=name)
        bank.add("account", account_id=name, customer_id=name, balance="0.10")
        bank.add("loan", loan_id=name, customer_id=name, principal_balance="5.00")
    for one, other, kind in (
        ("A", "B", "family"),
        ("B", "A", "family"),
        ("A", "B", "shareholder"),
        ("B", "C", "family"),
        ("A", "A", "family"),
    ):
        bank.add("customer_link", customer_id=one, linked_customer_id=other, link_kind=kind)
    rows = views(bank)
    names = ("linked_customers", "linked_financial_assets", "linked_loan_balance")
    assert {name: [row[column] for column in names] for name, row in rows.items()} == {
        "A": [1, Decimal("0.10"), 5],
        "B": [2, Decimal("0.20"), 10],
        "C": [1, Decimal("0.10"), 5],
    }


def test_stars_by_region(bank: Bank) -> None:
    """By branch and segment; equal amounts by id; nothing of one's own is one star."""
    bank.add("organization", org_id="FAR", org_level="outlet", org_name="独立网点")
    for name, balance, values in (
        ("A", "1.00", {"org_id": "O1"}), ("B", "1.00", {"org_id": "O2"}), ("C", "2.00", {"org_id": "CD"}),
        ("D", "0.00", {}),
        ("X", "0.01", {"org_id": "FAR"}), ("H", "0.01", {"org_id": "HO"}),
        ("F", "0.01", {"customer_kind": "corporate"}),
    ):  # fmt: skip
        bank.add("customer", customer_id=name, **values)
        bank.add("account", account_id=name, customer_id=name, balance=balance)
    stars = {name: row["region_star"] for name, row in views(bank).items()}
    # of four: 1, 1, 2 and 4 places up to five, four, three and two stars
    assert stars == {"C": 5, "A": 3, "B": 2, "D": 1, "X": 5, "H": 5, "F": 5}
