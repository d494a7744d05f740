"""Actions by hand, concentration and prospects: what is found, what is listed, and the sums over customers."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from .bank import Result, compute
from .hand_bank import Bank, D, by_key, tier_row
from .history import ASSIGNMENTS, TIERS, History

DECEMBER, OCTOBER = date(2024, 12, 1), date(2024, 10, 1)
END = date(2025, 1, 31)
ACTIONS, COUNTS = "fct_customer_action", "fct_customer_action_count"


def willing(number: int = 0) -> dict[str, str]:
    """A customer who may be called: with consent and a telephone of their own."""
    return {"marketing_consent": "true", "mobile_phone": f"139{number:08d}"}


def listed(result: Result, *kinds: str) -> dict[tuple[str, str, date], tuple[int, str | None]]:
    """(kind, customer, due_on) -> (items, amount) of the list."""
    return {
        (row["action_kind"], row["customer_id"], row["due_on"]): (
            row["items"], None if row["amount"] is None else str(row["amount"]),
        )
        for row in result.marts[ACTIONS]
        if not kinds or row["action_kind"] in kinds
    }  # fmt: skip


def counted(result: Result, kind: str) -> dict[str, tuple[int, int]]:
    """Outcome -> (customers, actions) of one kind, in all outlets."""
    found: dict[str, tuple[int, int]] = {}
    for row in result.marts[COUNTS]:
        if row["action_kind"] == kind:
            before = found.get(row["outcome"], (0, 0))
            found[row["outcome"]] = (before[0] + row["customers"], before[1] + row["actions"])
    return found


def test_maturing(bank: Bank) -> None:
    """Rows of one day become one action; closed accounts, and days before or beyond, find nothing."""
    bank.add("fx_rate", currency="JPY", cny_per_unit="0.05")
    bank.add("customer", customer_id="P", mobile_phone="13900000001")
    bank.add("customer", customer_id="SMALL", mobile_phone="13900000002")
    bank.add("account", account_id="S", customer_id="SMALL", balance="9.00", matures_on="2025-01-20")
    bank.add("account", account_id="0", customer_id="P", balance="50000.00")
    for n, (matures_on, balance, more) in enumerate(
        [
            ("2025-01-15", "1.00", {}),
            ("2025-01-29", "2.00", {}),
            ("2025-01-29", "0.10", {"currency": "JPY"}),
            ("2025-01-29", "-5.00", {}),
            ("2025-01-29", "7.00", {"status": "closed"}),
            ("2025-01-30", "1.00", {}),
            ("2025-01-14", "1.00", {}),
        ]
    ):
        bank.add("account", account_id=f"A{n}", customer_id="P", balance=balance, matures_on=matures_on, **more)
    for n, (matures_on, status) in enumerate(
        [("2025-02-14", "active"), ("2025-02-15", "active"), ("2025-02-01", "settled")]
    ):
        bank.add(
            "loan", loan_id=str(n), customer_id="P", principal_balance="3.00", matures_on=matures_on, status=status
        )
    result = compute(bank.write(), D)
    assert listed(result, "product_maturing", "loan_maturing") == {
        ("product_maturing", "P", D): (1, "1.00"),
        ("product_maturing", "P", date(2025, 1, 29)): (3, "2.01"),
        ("loan_maturing", "P", date(2025, 2, 14)): (1, "3.00"),
    }
    row = next(row for row in result.marts[ACTIONS] if row["action_kind"] == "product_maturing")
    names = ("rule_id", "category", "priority", "segment", "tier_code", "lead_org_id", "employee_id", "as_of_date")
    assert [row[name] for name in names] == [
        "AC-PRODUCT_MATURING-RETAIL", "retain", 6, "retail", "T4", "O1", None, D,
    ]  # fmt: skip
    assert counted(result, "product_maturing") == {"listed": (1, 2)}


def test_birthdays_and_anniversaries(bank: Bank) -> None:
    """Friday 28 February 2025: the week's Monday is past, so a birthday is due today."""
    for (table, biz_date), rows in list(bank.rows.items()):
        bank.rows[table, "2025-02-28"] = rows
        assert biz_date == str(D)
    friday = "2025-02-28"
    customers = {
        "LEAP": {"birth_date": "2000-02-29", "opened_on": "2024-02-29"},  # 1 March
        "MONDAY": {"birth_date": "2000-03-03", "opened_on": "2024-03-03"},  # the next Monday, three days ahead
        "FOUR": {"birth_date": "2000-03-04", "opened_on": "2024-03-04"},
        "PAST": {"birth_date": "2000-02-27", "opened_on": "2024-02-27"},
        "TODAY": {"birth_date": "2000-02-28", "opened_on": "2025-02-28"},  # opened this year: no anniversary
        "FIRM": {"birth_date": "2000-02-28", "opened_on": "2024-02-28", "customer_kind": "corporate"},
    }
    for n, (name, values) in enumerate(customers.items()):
        bank.add("customer", friday, customer_id=name, **willing(n), **values)
        bank.add("account", friday, account_id=name, customer_id=name, balance="60000.00")
    result = compute(bank.write(), date(2025, 2, 28))
    assert set(listed(result, "birthday", "anniversary")) == {
        ("birthday", "LEAP", date(2025, 2, 28)),
        ("birthday", "TODAY", date(2025, 2, 28)),
        ("birthday", "MONDAY", date(2025, 3, 3)),
        ("anniversary", "LEAP", date(2025, 3, 1)),
        ("anniversary", "MONDAY", date(2025, 3, 3)),
        ("anniversary", "FIRM", date(2025, 2, 28)),
    }


def test_cards_asleep(bank: Bank) -> None:
    bank.add("customer", customer_id="P", **willing())
    for n, values in enumerate(
        [
            {"issued_on": "2024-10-17"},  # 90 days ago
            {"issued_on": "2024-10-17", "status": "inactive"},
            {"issued_on": "2024-10-18"},
            {"issued_on": "2024-10-16", "status": "frozen"},
            {"issued_on": "2024-10-16", "activated_on": "2025-01-15"},
            {"issued_on": "2024-10-16", "card_kind": "debit"},
            {"issued_on": "2024-10-16"},
        ]
    ):
        bank.add("card", card_id=str(n), customer_id="P", card_grade="standard", **values)
    assert listed(compute(bank.write(), D), "card_not_activated") == {
        ("card_not_activated", "P", D): (2, None),
        ("card_not_activated", "P", date(2025, 1, 14)): (1, None),
    }


def test_near_a_bound(bank: Bank) -> None:
    """A tenth of the bound, included, on published amounts; T1 begins above its bound."""
    for n, (name, balance, kind) in enumerate((
        ("A", "45000.00", "personal"), ("B", "44999.99", "personal"), ("C", "55000.00", "personal"),
        ("D", "55000.01", "personal"), ("E", "1800000.01", "personal"), ("F", "1800000.00", "personal"),
        ("G", "2000000.01", "personal"), ("H", "2200000.01", "personal"), ("J", "55000000.00", "corporate"),
        ("K", "45000000.00", "corporate"), ("L", "220000000.00", "corporate"),
    )):  # fmt: skip
        bank.add("customer", customer_id=name, customer_kind=kind, **willing(n))
        bank.add("account", account_id=name, customer_id=name, balance=balance)
    bank.rows["customer", str(D)][-1]["mobile_phone"] = "12"  # L cannot be called
    bank.add("customer", customer_id="ADMITTED", wealth_admission="wealth", **willing(99))
    bank.add("account", account_id="ADM", customer_id="ADMITTED", balance="2000000.00")
    result = compute(bank.write(), D)
    assert listed(result, "near_next_tier", "falling_below") == {
        ("near_next_tier", "A", END): (1, "5000.00"),
        ("falling_below", "C", END): (1, "5000.00"),
        ("near_next_tier", "E", END): (1, "200000.00"),
        ("falling_below", "G", END): (1, "0.01"),
        ("falling_below", "J", END): (1, "5000000.00"),
        ("near_next_tier", "K", END): (1, "5000000.00"),
    }
    assert counted(result, "falling_below") == {"listed": (3, 3), "unreachable": (1, 1)}


def test_movements(bank: Bank) -> None:
    """Against the month before, and over three months."""
    now = {"IN": "500000.00", "ALMOST": "499999.99", "OUT": "50000.00", "FIRM": "10000000.00", "LOST": "1.00"}
    for n, (name, balance) in enumerate(now.items()):
        kind = "corporate" if name == "FIRM" else "personal"
        bank.add("customer", customer_id=name, customer_kind=kind, **willing(n))
        bank.add("account", account_id=name, customer_id=name, balance=balance)
    tiers = [
        tier_row(DECEMBER, "IN", "T0"),
        tier_row(DECEMBER, "ALMOST", "T0"),
        tier_row(DECEMBER, "OUT", "T2", "550000.00"),
        tier_row(DECEMBER, "FIRM", "C3"),
        tier_row(DECEMBER, "LOST", "T2", "900000.00"),
        tier_row(OCTOBER, "OUT", "T2", "100000.00"),
        tier_row(OCTOBER, "LOST", "T2", "900000.00"),
    ]
    result = compute(bank.write(), D, History.of_store({TIERS: tiers}))
    # LOST is no longer in scope: nobody is asked to win it back
    assert listed(result, "large_inflow", "large_outflow", "balance_drop") == {
        ("large_inflow", "IN", END): (1, "500000.00"),
        ("large_outflow", "OUT", END): (1, "500000.00"),
        ("large_inflow", "FIRM", END): (1, "10000000.00"),
        ("balance_drop", "OUT", END): (1, "50000.00"),
    }


def test_contacts_and_choices(bank: Bank) -> None:
    bank.add("employee", employee_id="E", org_id="O1", role="teller")
    for n, (name, balance, opened_on) in enumerate((
        ("T1", "3000000.00", "2024-12-22"), ("T1-LATER", "3000000.00", "2024-12-23"), ("T2", "300000.00", "2024-10-22"),
        ("T3", "150000.00", "2024-07-22"), ("T4", "60000.00", "2020-01-22"), ("SEEN", "60000.00", "2020-01-22"),
    )):  # fmt: skip
        bank.add("customer", customer_id=name, opened_on=opened_on, **willing(n))
        bank.add("account", account_id=name, customer_id=name, balance=balance)
        bank.add("relationship", customer_id=name, employee_id="E", relation="manager", since="2020-02-02")
    bank.add("visit", visit_id="V", customer_id="SEEN", employee_id="E", visited_on="2024-01-23")
    pending = {"policy_month": DECEMBER, "customer_id": "T3", "employee_id": "E", "assignment_basis": "existing"}
    history = History.of_store({ASSIGNMENTS: [{**pending, "choice_pending_since": DECEMBER}]})
    result = compute(bank.write(), D, history)
    day = date(2025, 1, 22)
    assert listed(result, "contact_due", "upgrade_choice") == {
        ("contact_due", "T1", day): (1, None),
        ("contact_due", "T2", day): (1, None),
        ("contact_due", "T3", day): (1, None),
        ("contact_due", "T4", date(2021, 1, 22)): (1, None),
        ("upgrade_choice", "T3", date(2024, 12, 31)): (1, "150000.00"),
    }
    assert {row["employee_id"] for row in result.marts[ACTIONS]} == {"E"}


def test_visits_behind_and_statements(bank: Bank) -> None:
    """10 of 19 working days are over: of 3 contacts 1.58 should have been made, of 2 contacts 1.05, of 1 0.53."""
    bank.add("employee", employee_id="M", org_id="O1", role="outlet_account_manager")
    bank.add("employee", employee_id="H", org_id="O1", role="outlet_head")
    for name in ("F", "G"):
        bank.add("customer", customer_id=name, customer_kind="corporate")
        bank.add("account", account_id=name, customer_id=name, balance="1.00")
        bank.add("loan", loan_id=name, customer_id=name, principal_balance="1.00")
    # G: one contact each, 0.58 and 0.05 behind; F: none, 1.58 and 1.05
    for visit_id, person in (("1", "M"), ("2", "H")):
        bank.add("visit", visit_id=visit_id, customer_id="G", employee_id=person)
    bank.add("financial_statement", customer_id="G", period_end="2022-11-30", report_kind="annual", total_assets="1.00")
    result = compute(bank.write(), D)
    assert listed(result, "visit_behind", "statement_stale") == {
        ("visit_behind", "F", END): (5, None),
        ("visit_behind", "G", END): (2, None),
        ("statement_stale", "F", END): (1, None),
        ("statement_stale", "G", date(2024, 11, 30)): (1, None),
    }
    last = compute_on_the_last_day(bank)
    assert listed(last, "visit_behind") == {
        ("visit_behind", "F", END): (5, None),
        ("visit_behind", "G", END): (3, None),
    }


def compute_on_the_last_day(bank: Bank) -> Result:
    """The same bank on 31 January, where what is not met is missed."""
    for table, biz_date in list(bank.rows):
        if biz_date == str(D) and table not in ("visit", "financial_statement", "contribution", "card_transaction"):
            bank.rows[table, str(END)] = bank.rows[table, biz_date]
    return compute(bank.write(), END)


def test_outcomes(bank: Bank) -> None:
    """The first reason holds; whoever is of unknown age is not under age; firms need no consent."""
    customers = {
        "CHILD": {"birth_date": "2011-01-16", "marketing_consent": "true", "mobile_phone": ""},
        "YOUNG": {"birth_date": "2011-01-15", **willing()},
        "SILENT": {"marketing_consent": "", "mobile_phone": ""},
        "REFUSED": {"marketing_consent": "false", "mobile_phone": "13900000002"},
        "UNKNOWN": {"marketing_consent": "true", "mobile_phone": "1"},
        "FIRM": {"customer_kind": "corporate", "birth_date": "2020-01-01", "mobile_phone": "13900000003"},
    }
    for name, values in customers.items():
        bank.add("customer", customer_id=name, opened_on="2024-01-16", **values)
        bank.add("account", account_id=name, customer_id=name, balance="60000.00", matures_on="2025-01-16")
    result = compute(bank.write(), D)
    assert counted(result, "anniversary") == {
        "under_age": (1, 1), "no_consent": (2, 2), "unreachable": (1, 1), "listed": (2, 2),
    }  # fmt: skip
    # what the contract owes a customer needs no consent, but a telephone
    assert counted(result, "product_maturing") == {"unreachable": (3, 3), "listed": (3, 3)}
    assert {name for kind, name, _ in listed(result) if kind == "anniversary"} == {"YOUNG", "FIRM"}


def test_concentration(bank: Bank) -> None:
    """Seven customers of a branch; half a customer is a whole one in the top."""
    balances = ["50000.00", "49999.99", "1000000.00", "999999.99", "60000.00", "0.00", "3000000.00"]
    for n, balance in enumerate(balances):
        bank.add("customer", customer_id=f"P{n}", org_id="O1" if n else "HO")
        bank.add("account", account_id=str(n), customer_id=f"P{n}", balance=balance)
    for n, revenue in ((1, "-4.00"), (2, "1.00"), (3, "3.00")):
        bank.add(
            "contribution", customer_id=f"P{n}", month="2024-12-01", revenue=revenue, economic_capital_return="0.00"
        )
    bank.add("customer", customer_id="F", customer_kind="corporate", org_id="O2")
    result = compute(bank.write(), D)
    rows = by_key(result, "fct_concentration_monthly", "org_id", "segment", "measure", "group_kind", "group_code")
    found = {key: (row["customers"], str(row["value"])) for key, row in rows.items()}
    assets = {
        key[3:]: value
        for key, value in found.items()
        if isinstance(key, tuple) and key[:3] == ("HO", "retail", "financial_assets")
    }
    assert assets == {
        ("tier", "T0"): (2, "49999.99"),
        ("tier", "T1"): (1, "3000000.00"),
        ("tier", "T2"): (2, "1999999.99"),
        ("tier", "T4"): (2, "110000.00"),
        ("band", "50K_1M"): (3, "1109999.99"),
        ("top", "0.01"): (1, "3000000.00"),
        ("top", "0.05"): (1, "3000000.00"),
        ("top", "0.10"): (1, "3000000.00"),
        ("top", "0.20"): (2, "4000000.00"),
        ("top", "0.50"): (4, "5059999.99"),
    }
    band = rows["HO", "retail", "financial_assets", "band", "50K_1M"]
    assert (band["share_of_customers"], band["share_of_value"]) == (
        3 / 7,
        float(Decimal("1109999.99") / Decimal("5159999.98")),
    )
    # revenue: the greatest first, customers without one count 0, and a total of 0 has no shares
    assert found["HO", "retail", "revenue_12m", "top", "0.20"] == (2, "4.00")
    assert found["HO", "retail", "revenue_12m", "tier", "T0"] == (2, "-4.00")
    assert rows["HO", "retail", "revenue_12m", "top", "0.20"]["share_of_value"] is None
    assert found["BR", "retail", "financial_assets", "top", "0.50"] == (3, "4999999.99")
    firms = {key for key in found if isinstance(key, tuple) and key[1] == "corporate"}
    assert {key[0] for key in firms} == {"HO", "BR"}
    assert {key[2:4] for key in firms} == {
        (m, kind) for m in ("deposit_balance", "revenue_12m") for kind in ("tier", "top")
    }


def test_prospects(bank: Bank) -> None:
    for name, opened_on, balance in (
        ("C1", "2024-06-01", "200000000.00"),
        ("C3", "2024-05-31", "1.00"),
        ("P", "2024-06-01", "1.00"),
    ):
        bank.add(
            "customer", customer_id=name, opened_on=opened_on, customer_kind="personal" if name == "P" else "corporate"
        )
        bank.add("account", account_id=name, customer_id=name, balance=balance)
    for n, (contacted_on, customer_id) in enumerate(
        [("2025-01-15", "C1"), ("2025-01-16", "C3"), ("", "P"), ("", "departed"), ("2024-07-01", "")]
    ):
        values = {"org_id": "BR", "source": "market_regulator", "listed_on": "2024-06-01"}
        bank.add("prospect", prospect_id=str(n), contacted_on=contacted_on, customer_id=customer_id, **values)
    bank.add("prospect", prospect_id="9", org_id="O1", source="other", listed_on="2024-05-31", customer_id="C3")
    rows = by_key(compute(bank.write(), D), "fct_prospect_funnel_monthly", "org_id", "source")
    names = ("prospects", "contacted", "opened", "opened_c1", "opened_c2", "opened_c3")
    assert {key: tuple(row[name] for name in names) for key, row in rows.items()} == {
        ("BR", "market_regulator"): (5, 2, 2, 1, 0, 0),
        ("O1", "other"): (1, 0, 1, 0, 0, 1),
    }
