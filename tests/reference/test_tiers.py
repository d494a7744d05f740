"""Tiers, classes and sizes by hand, each customer at an edge."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from .bank import compute
from .contract import TABLES
from .hand_bank import Bank, D, by_key, tier_row, tiers_of
from .history import TIERS, History

DECEMBER = date(2024, 12, 1)


def test_retail_by_hand(bank: Bank) -> None:
    """Eight retail customers, each at an edge."""
    bank.add("fx_rate", currency="JPY", cny_per_unit="0.05")

    def customer(name: str, balance: str | None, **values: str) -> None:
        bank.add("customer", customer_id=name, **values)
        if balance is not None:
            bank.add("account", account_id=f"A{name}", customer_id=name, balance=balance)

    # P1: 2,000,000.00 exactly is T2; the bound of T1 is excluded, so a fen is missing
    customer("P1", "2000000.00")
    # P2: 2,000,000 + 0.10 JPY x 0.05 = 2,000,000.005 > 2,000,000: T1; published half up as .01
    customer("P2", "2000000.00")
    bank.add("account", account_id="JP2", customer_id="P2", currency="JPY", balance="0.10")
    # P3: 49,999.99 + 0.005 = 49,999.995 < 50,000, no route: T0, published as 50,000.00;
    # missing 0.005, published as 0.01
    customer("P3", "49999.99")
    bank.add("account", account_id="JP3", customer_id="P3", currency="JPY", balance="0.10")
    # P4: card: 60,000 on the 2024-01-15 (outside), 50,010 on the 16th less 10 refunded today:
    # 50,000.00 meets the route: T5, a gap fill; the cancelled credit card counts, the debit not
    customer("P4", "-500.00")
    card = {"customer_id": "P4", "card_grade": "standard"}
    bank.add("card", card_id="K4", status="cancelled", **card)
    bank.add("card", card_id="K4D", card_kind="debit", **card)
    spend = {"customer_id": "P4", "card_id": "K4"}
    bank.add(
        "card_transaction",
        transaction_id="1",
        amount="60000.00",
        transacted_on="2024-01-15",
        **spend,
    )
    bank.add(
        "card_transaction",
        biz_date="2024-01-16",
        transaction_id="2",
        amount="50010.00",
        transacted_on="2024-01-16",
        **spend,
    )
    bank.add(
        "card_transaction",
        transaction_id="3",
        amount="10.00",
        transaction_kind="refund",
        transacted_on="2025-01-15",
        **spend,
    )
    bank.add(
        "card_transaction",
        transaction_id="4",
        amount="9999.00",
        transacted_on="2025-01-15",
        **spend | {"card_id": "K4D"},
    )
    # P5: admission alone: T1 without assets; in scope; no card: grade null; was corporate, so it is new
    customer("P5", None, wealth_admission="wealth")
    # P6: custody 10,000 counts towards the assets too; a closed account of 9 million does not: T5
    customer("P6", "39999.99")
    bank.add("brokerage", brokerage_account_id="B6", customer_id="P6", margin_balance="10000.00")
    bank.add("account", account_id="C6", customer_id="P6", balance="9000000.00", status="closed")
    # P7: loan 299,999.99 and a settled one: no route; inactive gold card: no route; T0
    customer("P7", None)
    bank.add("loan", loan_id="L1", customer_id="P7", principal_balance="299999.99")
    bank.add("loan", loan_id="L2", customer_id="P7", principal_balance="900000.00", status="settled")
    bank.add("card", card_id="K7", customer_id="P7", card_grade="gold", status="inactive")
    # P8: 100,000 is T3; active diamond and gold; was T2: down
    customer("P8", "100000.00", customer_kind="sole_proprietor")
    bank.add("card", card_id="K8", customer_id="P8", card_grade="diamond", card_kind="debit")
    bank.add("card", card_id="K9", customer_id="P8", card_grade="gold")

    result = compute(bank.write(), D, tiers_of(DECEMBER, {"P8": "T2", "P7": "T0", "P5": "C2"}))
    rows = by_key(result, "fct_customer_tier_monthly", "customer_id")
    got = {
        name: (
            row["tier_code"],
            str(row["financial_assets"]),
            row["is_in_scope"],
            str(row["amount_to_next_tier"]),
            row["is_gap_fill"],
            row["tier_movement"],
        )
        for name, row in rows.items()
    }
    assert got == {
        "P1": ("T2", "2000000.00", True, "0.01", False, "new"),
        "P2": ("T1", "2000000.01", True, "None", False, "new"),
        "P3": ("T0", "50000.00", False, "0.01", False, "new"),
        "P4": ("T5", "0.00", True, "50000.00", True, "new"),
        "P5": ("T1", "0.00", True, "None", False, "new"),
        "P6": ("T5", "49999.99", True, "0.01", True, "new"),
        "P7": ("T0", "0.00", False, "50000.00", False, "same"),
        "P8": ("T3", "100000.00", True, "100000.00", False, "down"),
    }
    assert rows["P4"]["card_spend_12m"] == Decimal("50000.00")
    assert rows["P8"]["best_card_grade"] == "diamond"
    assert rows["P7"]["best_card_grade"] is None
    routes: dict[object, set[object]] = {}
    for row in result.marts["fct_tier_evidence"]:
        if row["scheme"] == "retail_scope":
            routes.setdefault(row["customer_id"], set()).add(row["route"])
    assert routes == {
        "P1": {"aum"},
        "P2": {"aum"},
        "P4": {"card_spend"},
        "P5": {"admission"},
        "P6": {"custody"},
        "P8": {"aum", "card_grade"},
    }
    # A tenth of a bound: P8 is on the entry of T3, and the next one is 100,000 away.
    watched = by_key(result, "fct_tier_watch_monthly", "customer_id", "direction")
    assert {key: (str(row["bound"]), str(row["amount"])) for key, row in watched.items()} == {
        ("P1", "up"): ("2000000", "0.01"),
        ("P2", "down"): ("2000000", "0.01"),
        ("P3", "up"): ("50000", "0.01"),
        ("P6", "up"): ("50000", "0.01"),
        ("P8", "down"): ("100000", "0.00"),
    }
    stability = by_key(result, "fct_tier_stability_monthly", "tier_code")
    counted = {"customers": 1, "moved_down": 1, "moved_new": 0, "near_down": 1, "near_up": 0}
    assert {name: stability["T3"][name] for name in counted} == counted
    migration = by_key(result, "fct_tier_migration_monthly", "from_tier_code", "to_tier_code")
    assert migration[None, "T1"]["financial_assets"] == Decimal("2000000.01")
    assert migration[None, "T5"]["customers"] == 2
    assert result.quarantined == dict.fromkeys(TABLES, 0) | {}


def test_corporate_by_hand(bank: Bank) -> None:
    """Classes, gap fills and sizes."""
    for n in range(1, 8):
        bank.add("customer", customer_id=f"F{n}", customer_kind="corporate")
    bank.add("customer", customer_id="F8", customer_kind="institution")
    # F1: 200 million: C1. Non-credit, capital 50 * 10^8: extra large
    bank.add("account", account_id="1", customer_id="F1", balance="200000000.00")
    bank.add("corporate_profile", customer_id="F1", registered_capital="5000000000.00")
    # F2: 199,999,999.99 deposits: C2; 0.01 to C1. The fund is no deposit.
    bank.add("account", account_id="2", customer_id="F2", balance="199999999.99")
    bank.add("account", account_id="3", customer_id="F2", balance="5.00", product_type="fund")
    # F3: a valid line of 200 million from today: C1; approved, so a credit customer: annual
    # statement 2023 of 600 million: large (the interim one is newer, the firm is old)
    bank.add(
        "credit_line",
        credit_line_id="1",
        customer_id="F3",
        target_amount="200000000.00",
        approved_amount="0.01",
        valid_from="2025-01-15",
        valid_to="2025-01-16",
    )
    bank.add("corporate_profile", customer_id="F3", established_on="2024-12-31")
    statement = {"biz_date": "2025-01-10", "customer_id": "F3"}
    bank.add(
        "financial_statement",
        **statement,
        period_end="2023-12-31",
        report_kind="annual",
        total_assets="600000000.00",
    )
    bank.add(
        "financial_statement",
        **statement,
        period_end="2024-06-30",
        report_kind="interim",
        total_assets="1.00",
    )
    # F4: only a line, below the bound: C3 by gap fill
    bank.add("credit_line", credit_line_id="2", customer_id="F4", target_amount="199999999.99")
    # F5: the line ended today: nothing is left: C0
    bank.add(
        "credit_line",
        credit_line_id="3",
        customer_id="F5",
        target_amount="900000000.00",
        valid_to="2025-01-15",
    )
    # F6: an open account with nothing on it: C3 without a gap; public hospital of a county
    bank.add("account", account_id="6", customer_id="F6", balance="0.00", status="frozen")
    bank.add(
        "corporate_profile",
        customer_id="F6",
        institution_type="public_hospital",
        administrative_level="county",
    )
    # F7: principal > 0 makes a credit customer; founded this year: the interim statement counts;
    # 9,999,999.99 is below 0.1 * 10^8: micro
    bank.add("loan", loan_id="7", customer_id="F7", principal_balance="0.01")
    bank.add(
        "corporate_profile",
        customer_id="F7",
        established_on="2025-01-01",
        registered_capital="5000000.00",
    )
    bank.add(
        "financial_statement",
        biz_date="2025-01-10",
        customer_id="F7",
        period_end="2025-01-10",
        report_kind="interim",
        total_assets="9999999.99",
    )
    result = compute(bank.write(), D)
    rows = by_key(result, "fct_customer_tier_monthly", "customer_id")
    got = {
        name: (
            row["tier_code"],
            str(row["amount_to_next_tier"]),
            row["is_gap_fill"],
            row["size_tier"],
            row["size_basis"],
        )
        for name, row in rows.items()
    }
    assert got == {
        "F1": ("C1", "None", False, "extra_large", "registered_capital"),
        "F2": ("C2", "0.01", False, "unknown", None),
        "F3": ("C1", "None", False, "large", "total_assets"),
        "F4": ("C3", "50000000.00", True, "unknown", None),
        "F5": ("C0", "None", False, "unknown", None),
        "F6": ("C3", "50000000.00", False, "medium", "administrative_level"),
        "F7": ("C0", "None", False, "micro", "total_assets"),
        "F8": ("C0", "None", False, "unknown", "administrative_level"),
    }
    assert rows["F2"]["financial_assets"] == Decimal("200000004.99")


def test_classes_by_hand(bank: Bank) -> None:
    """Value by contribution and closeness, cooperation class, and who maintains whom."""
    sound = {"market_position": "listed", "strategic_agreement_on": str(D), "credit_rating": "A"}
    sound |= {"profit_margin": "0.12", "peer_profit_margin": "0.12"}
    profiles = {
        "V1": {**sound, "settlement_share": "0.6"},
        # signed tomorrow, a customer for three years today
        "V2": {**sound, "settlement_share": "0.59", "strategic_agreement_on": "2025-01-16"},
        # a day short of three years, but with revenue
        "V3": {**sound, "peer_profit_margin": "0.1200000001"},
        "V4": {**sound, "has_bad_record": "true"},
        "V5": {**sound, "credit_rating": "A-"},
        "V6": {},
    }
    opened = {"V2": "2022-01-15", "V3": "2022-01-16"}
    earned = {"V1": "5000000.00", "V2": "5000000.00", "V3": "4999999.99", "V4": "99999.99", "V5": "-0.01"}
    for name, values in profiles.items():
        bank.add("customer", customer_id=name, customer_kind="corporate", opened_on=opened.get(name, "2020-01-01"))
        bank.add("corporate_profile", customer_id=name, **values)
    for name, amount in earned.items():
        row = {"customer_id": name, "month": "2024-01-01", "revenue": "0.01" if name == "V3" else "0.00"}
        bank.add("contribution", **row, economic_capital_return=amount)
        # Neither the current month nor the thirteenth before it is in the window.
        for month in ("2025-01-01", "2023-12-01"):
            bank.add("contribution", **row | {"month": month}, economic_capital_return="9000000.00")
    bank.add("customer", customer_id="P1", birth_date="1965-01-15")
    bank.add("customer", customer_id="P2", birth_date="1965-01-16")
    for name in ("P1", "P2"):
        bank.add("account", account_id=name, customer_id=name, balance="50000.00")
    rows = by_key(compute(bank.write(), D), "fct_customer_tier_monthly", "customer_id")
    assert {name: (rows[name]["value_class"], rows[name]["cooperation_class"]) for name in profiles} == {
        "V1": ("strategic_base", "strategic"),
        "V2": ("quality_base", "quality"),
        "V3": ("quality_base", "contributing"),
        "V4": ("cultivation", "potential"),
        "V5": ("adjustment", "potential"),
        "V6": (None, "potential"),
    }
    assert [rows[name]["recommended_role"] for name in ("P1", "P2", "V1")] == ["lobby_manager", "outlet_staff", None]
    assert (rows["V1"]["managing_level"], rows["V3"]["managing_level"]) == ("branch", "sub_branch")


@pytest.mark.parametrize(
    ("balance", "more", "tier", "missing"),
    [
        ("199999.99", "0.12", "T3", "0.01"),  # 199,999.996: a whole fen, though 0.004 would do
        ("200000.00", "", "T2", "1800000.01"),
        ("1999999.99", "0.10", "T2", "0.01"),  # 1,999,999.995: a fen leads above the bound
        ("1999999.99", "", "T2", "0.02"),
        ("2000000.00", "0.01", "T1", None),
        ("", "", "T0", "50000.00"),
    ],
)
def test_what_is_missing_to_the_next_tier(bank: Bank, balance: str, more: str, tier: str, missing: str | None) -> None:
    bank.add("fx_rate", currency="JPY", cny_per_unit="0.05")
    bank.add("customer", customer_id="P")
    for currency, amount in (("CNY", balance), ("JPY", more)):
        if amount:
            bank.add("account", account_id="1", customer_id="P", balance=amount, currency=currency)
    row = by_key(compute(bank.write(), D), "fct_customer_tier_monthly", "customer_id")["P"]
    assert (row["tier_code"], row["amount_to_next_tier"]) == (tier, None if missing is None else Decimal(missing))


def test_admission_to_the_middle_programme(bank: Bank) -> None:
    """It makes T2 whatever the assets below, and the better of the two tiers wins."""
    for name, balance in (("POOR", "1.00"), ("MIDDLE", "200000.00"), ("RICH", "2000000.01")):
        bank.add("customer", customer_id=name, wealth_admission="affluent")
        bank.add("account", account_id=name, customer_id=name, balance=balance)
    result = compute(bank.write(), D)
    rows = by_key(result, "fct_customer_tier_monthly", "customer_id")
    assert {name: (row["tier_code"], row["is_in_scope"], row["is_gap_fill"]) for name, row in rows.items()} == {
        "POOR": ("T2", True, False),
        "MIDDLE": ("T2", True, False),
        "RICH": ("T1", True, False),
    }
    assert rows["POOR"]["amount_to_next_tier"] == Decimal("1999999.01")
    routes = {(row["customer_id"], row["route"]) for row in result.marts["fct_tier_evidence"] if row["route"]}
    assert routes == {(name, "admission") for name in rows} | {("MIDDLE", "aum"), ("RICH", "aum")}


@pytest.mark.skipif(
    all(column.name != "card_kind" for column in TABLES["card_transaction"].columns),
    reason="transactions do not say the kind of their card",
)
def test_a_transaction_knows_its_card(bank: Bank) -> None:
    """What it says goes before the snapshot; with neither it counts nothing. Its own customer is the one who spent."""
    for name in ("P", "Q"):
        bank.add("customer", customer_id=name)
    bank.add("card", card_id="CREDIT", customer_id="P", card_grade="standard")
    bank.add("card", card_id="DEBIT", customer_id="P", card_grade="standard", card_kind="debit")
    for n, (card_id, said, customer_id) in enumerate(
        [
            ("CREDIT", "", "P"),
            ("CREDIT", "debit", "P"),
            ("DEBIT", "credit", "P"),
            ("GONE", "credit", "P"),
            ("GONE", "", "P"),
            ("CREDIT", "", "Q"),
        ]
    ):
        values = {"transaction_id": str(n), "card_id": card_id, "card_kind": said, "customer_id": customer_id}
        bank.add("card_transaction", transacted_on=str(D), amount=f"{10**n}.00", **values)
    rows = by_key(compute(bank.write(), D), "fct_customer_tier_monthly", "customer_id")
    assert [rows[name]["card_spend_12m"] for name in ("P", "Q")] == [1101, 100000]


def test_another_segment_in_the_month_before(bank: Bank) -> None:
    """Two scales have no common rank, and a duty rests on a corporate class only; amounts are read all the same."""
    bank.add("customer", customer_id="F", customer_kind="corporate")
    bank.add("account", account_id="1", customer_id="F", balance="50000000.00")
    history = History.of_store({TIERS: [tier_row(DECEMBER, "F", "T1", "60000000.00")]})
    result = compute(bank.write(), D, history)
    row = by_key(result, "fct_customer_tier_monthly", "customer_id")["F"]
    assert (row["previous_tier_code"], row["tier_movement"]) == (None, "new")
    assert row["maintaining_department"] == "branch_and_province_department"
    assert {row["from_tier_code"] for row in result.marts["fct_tier_migration_monthly"]} == {None}
    duties = result.marts["fct_visit_obligation_monthly"]
    assert {(row["obligation_basis"], row["tier_code"]) for row in duties} == {("current", "C2")}
    view = by_key(result, "fct_customer_360_monthly", "customer_id")["F"]
    assert view["deposit_balance_1m_ago"] == 60_000_000


def test_roles(bank: Bank) -> None:
    rows = by_key(compute(bank.write(), D), "dim_role", "role")
    assert set(rows) == set(TABLES["employee"].column("role").enum)
    found = {role: (row["role_group"], row["staff_sequence"]) for role, row in rows.items()}
    assert found["outlet_head"] == ("outlet_leader", "manager")
    assert found["branch_account_manager"] == ("branch_account_manager", "account_manager")
    assert found["outlet_staff"] == (None, "teller")
    assert found["lobby_manager"] == (None, None)
