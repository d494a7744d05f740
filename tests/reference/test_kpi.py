"""Figures by hand: what they count, how they grow, what is reported of them, ratios and parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from .bank import Result, compute
from .days import months_before, rounded
from .hand_bank import Bank, D, by_key, tier_row
from .history import KPIS, TIERS, VIEWS, History
from .kpi import METRICS, Metric, figures
from .landing import Row

MAY, FEBRUARY = date(2025, 5, 1), date(2025, 2, 1)
STOCK = Metric("deposit_balance", "org", "stock", "warehouse")
FLOW = Metric("visits", "org", "flow", "warehouse")
GIVEN_STOCK = Metric("deposit_total", "org", "stock", "delivered")
GIVEN_FLOW = Metric("fee_income", "org", "flow", "delivered")
SHARE = Metric("share", "org", "ratio", "ratio", "deposit_balance", "deposit_total", "value")
GROWN = ("month_to_date", "quarter_to_date", "year_to_date", "growth_rate_year")


def published(metric: str, month: date, value: str | None, subject: str = "O1") -> Row:
    """A row of an earlier month."""
    number = None if value is None else Decimal(value)
    return {"policy_month": month, "subject_kind": "org", "subject_id": subject, "metric": metric, "value": number}


def reported(metric: str, month: date, value: str, org_id: str = "O1") -> Row:
    """A row of reported_metric."""
    return {"org_id": org_id, "metric": metric, "month": month, "value": Decimal(value)}


def figure(
    metrics: list[Metric],
    values: Mapping[str, str] | None = None,
    before: list[Row] | None = None,
    given: list[Row] | None = None,
    month: date = MAY,
) -> dict[str, Row]:
    """The rows of O1 by metric. `values`: what the warehouse computed."""
    now = {"org": {name: {"O1": Decimal(value)} for name, value in (values or {}).items()}, "employee": {}}
    past = History.of_store({KPIS: before or []}).before(month)
    rows = figures(metrics, now, given or [], past)
    return {row["metric"]: row for row in rows if row["subject_id"] == "O1"}


def grown(row: Row) -> list[str | float | None]:
    """What the month, the quarter and the year have brought, as text; and the year's rate."""
    return [
        value if value is None or isinstance(value, float) else f"{value.normalize():f}"
        for value in (row[n] for n in GROWN)
    ]


def test_rounding() -> None:
    """Half away from zero, on both sides of it."""
    assert [str(rounded(Decimal(text), 2)) for text in ("0.005", "-0.005", "0.00499", "1.015")] == [
        *("0.01", "-0.01", "0.00", "1.02"),
    ]


def test_a_stock_grows() -> None:
    """Against the month before, the end of the last quarter and of the last year."""
    before = [
        published("deposit_balance", date(2025, 4, 1), "90"),
        published("deposit_balance", date(2025, 3, 1), "80"),
        published("deposit_balance", date(2024, 12, 1), "40"),
    ]
    assert grown(figure([STOCK], {"deposit_balance": "100"}, before)["deposit_balance"]) == ["10", "20", "60", 1.5]
    # April is missing and so is the month to date; from January on the quarter's start is the year's
    late = figure([STOCK], {"deposit_balance": "100"}, before[1:])["deposit_balance"]
    assert grown(late) == [None, "20", "60", 1.5]
    january = figure([STOCK], {"deposit_balance": "100"}, before, month=date(2025, 1, 1))["deposit_balance"]
    assert grown(january) == ["60", "60", "60", 1.5]


@pytest.mark.parametrize(
    ("december", "expected"),
    [
        # without a row of the subject it began with nothing
        ([published("deposit_balance", date(2024, 12, 1), "7", "O2")], ["1", None]),
        # the metric did not exist yet, or only for people
        ([published("customers", date(2024, 12, 1), "7")], [None, None]),
        ([published("deposit_balance", date(2024, 12, 1), "7") | {"subject_kind": "employee"}], [None, None]),
        ([], [None, None]),
        ([published("deposit_balance", date(2024, 12, 1), "0")], ["1", None]),
        ([published("deposit_balance", date(2024, 12, 1), "-2")], ["3", None]),
        ([published("deposit_balance", date(2024, 12, 1), "4")], ["-3", -0.75]),
    ],
)
def test_the_year_began_with(december: list[Row], expected: list[object]) -> None:
    """What counts as published in December."""
    assert grown(figure([STOCK], {"deposit_balance": "1"}, december)["deposit_balance"])[2:] == expected


def test_a_flow_adds_up() -> None:
    """The months of the period before M; one that is not published makes null, one without the subject counts 0."""
    months = [date(2025, month, 1) for month in (1, 2, 3, 4)]
    before = [published("visits", month, "10") for month in months]
    before.append(published("visits", date(2024, 12, 1), "1000"))
    assert grown(figure([FLOW], {"visits": "1"}, before)["visits"]) == ["1", "11", "41", None]
    assert grown(figure([FLOW], {"visits": "1"}, before[1:])["visits"]) == ["1", "11", None, None]
    assert grown(figure([FLOW], {"visits": "1"}, before[:3])["visits"]) == ["1", None, None, None]
    others = [dict(before[0], subject_id="O2"), *before[1:]]
    assert grown(figure([FLOW], {"visits": "1"}, others)["visits"]) == ["1", "11", "31", None]
    assert grown(figure([FLOW], {"visits": "1"}, [], month=date(2025, 1, 1))["visits"]) == ["1", "1", "1", None]


def test_a_ratio_grows() -> None:
    """As a stock, but what was not there has not been 0; and it has no rate."""
    metrics = [Metric("npl", "org", "ratio", "ratio", "bad", "all", "value"),
               Metric("bad", "org", "stock", "warehouse"), Metric("all", "org", "stock", "warehouse")]  # fmt: skip
    before = [
        published("npl", date(2025, 4, 1), "0.25"),
        published("npl", date(2025, 3, 1), None),
        published("npl", date(2024, 12, 1), "0.5", "O2"),
    ]
    row = figure(metrics, {"bad": "1", "all": "3"}, before)["npl"]
    assert (row["value"], row["value_month"]) == (Decimal("0.333333"), MAY)
    assert grown(row) == ["0.083333", None, None, None]
    row = figure(metrics, {"bad": "1", "all": "0"}, before)["npl"]
    assert [row["value"], *grown(row)] == [None] * 5


def test_delivered() -> None:
    """At the newest month up to M, within the delivered months; nothing of it is published anywhere else."""
    given = [reported("deposit_total", date(2025, month, 1), str(month)) for month in (1, 2, 3, 6)]
    given += [reported("deposit_total", date(2024, 12, 1), "8"), reported("fee_income", MAY, "5")]
    given += [reported("fee_income", date(2025, month, 1), "0.000001") for month in (1, 2, 4)]
    rows = figure([GIVEN_STOCK, GIVEN_FLOW], given=given)
    total, fees = rows["deposit_total"], rows["fee_income"]
    assert (total["value"], total["value_month"]) == (3, date(2025, 3, 1))
    assert grown(total) == ["1", "-5", "-5", -0.625]
    assert (fees["value_month"], *grown(fees)) == (MAY, "5", "5.000001", None, None)
    assert (total["reported_value"], total["reported_month"], total["parts_difference"]) == (None, None, None)
    assert figure([GIVEN_STOCK], given=[reported("deposit_total", date(2025, 6, 1), "1")]) == {}


def test_reported() -> None:
    """The newest of the last twelve months and M, of the same organisation."""
    for given, expected in (
        ([reported("visits", date(2025, 6, 1), "1"), reported("visits", months_before(MAY, 13), "2")], (None, None)),
        ([reported("visits", months_before(MAY, 12), "2.5")], (Decimal("2.5"), months_before(MAY, 12))),
        ([reported("visits", MAY, "3"), reported("visits", date(2025, 4, 1), "4")], (3, MAY)),
        ([reported("visits", MAY, "3", "O2")], (None, None)),
    ):
        row = figure([FLOW], {"visits": "1"}, given=given)["visits"]
        assert (row["reported_value"], row["reported_month"]) == expected


def test_a_share_of_what_others_report() -> None:
    """The deposits of the month that the others' total is of."""
    given = [reported("deposit_total", FEBRUARY, "200")]
    metrics = [STOCK, GIVEN_STOCK, SHARE]
    before = [published("deposit_balance", FEBRUARY, "50")]
    row = figure(metrics, {"deposit_balance": "100"}, before, given)["share"]
    assert (row["value"], row["value_month"]) == (Decimal("0.25"), FEBRUARY)
    # not published then, or longer ago than a year
    row = figure(metrics, {"deposit_balance": "100"}, [], given)["share"]
    assert (row["value"], row["value_month"]) == (None, FEBRUARY)
    old = [reported("deposit_total", months_before(MAY, 13), "200")]
    row = figure(metrics, {"deposit_balance": "100"}, before, old)["share"]
    assert (row["value"], row["value_month"]) == (None, months_before(MAY, 13))
    # of M itself it is today's; without the others there is no share
    row = figure(metrics, {"deposit_balance": "100"}, [], [reported("deposit_total", MAY, "200")])["share"]
    assert (row["value"], row["value_month"]) == (Decimal("0.5"), MAY)
    row = figure(metrics, {"deposit_balance": "100"}, before)["share"]
    assert (row["value"], row["value_month"]) == (None, MAY)


def test_a_share_of_the_year() -> None:
    """fee_income_share is taken of what the year has brought, and of one month only."""
    metrics = [metric for metric in METRICS if metric.name in ("fee_income", "operating_income", "fee_income_share")]
    january = date(2025, 1, 1)
    given = [
        reported("fee_income", january, "1"),
        reported("fee_income", FEBRUARY, "2"),
        reported("operating_income", january, "10"),
        reported("operating_income", FEBRUARY, "20"),
    ]
    row = figure(metrics, given=given)["fee_income_share"]
    assert (row["value"], row["value_month"]) == (Decimal("0.1"), FEBRUARY)
    row = figure(metrics, given=given[:3])["fee_income_share"]
    assert (row["value"], row["value_month"]) == (None, MAY)
    row = figure(metrics, given=given[:2])["fee_income_share"]
    assert (row["value"], row["value_month"]) == (None, MAY)
    assert "fee_income_share" not in figure(metrics, given=[])


def test_parts() -> None:
    """The source's own loans: 51.20 against 21.06 + 29.24; a part that is missing or of another month makes null."""
    whole = Metric("loans", "org", "stock", "delivered")
    parts = [replace(whole, name=name, part_of="loans") for name in ("corporate", "retail")]
    given = [
        reported("loans", MAY, "51.20"),
        reported("corporate", MAY, "21.06"),
        reported("retail", MAY, "29.24"),
    ]
    rows = figure([whole, *parts], given=given)
    assert [rows[name]["parts_difference"] for name in rows] == [Decimal("0.90"), None, None]
    for changed in (given[:2], [*given[:2], reported("retail", FEBRUARY, "29.24")]):
        assert figure([whole, *parts], given=changed)["loans"]["parts_difference"] is None


# ---------------------------------------------------------------- what is counted


def of_subject(result: Result, subject: str) -> dict[str, Decimal | None]:
    """Metric -> value of one organisation or person."""
    return {row["metric"]: row["value"] for row in result.marts[KPIS] if row["subject_id"] == subject}


def test_organisations_by_hand(bank: Bank) -> None:
    """One customer each for most metrics; O2 and the department have nobody."""
    bank.add("fx_rate", currency="JPY", cny_per_unit="0.05")
    phones = {"mobile_phone": "13812345678"}
    bank.add("customer", customer_id="NEW", opened_on="2025-01-01", **phones)
    bank.add("customer", customer_id="LEFT", opened_on="2024-12-31", **phones)
    bank.add("customer", customer_id="CURED", **phones)
    bank.add("customer", customer_id="SILENT")
    bank.add("customer", customer_id="FIRM", customer_kind="corporate", **phones)
    for name, balance, currency in (
        ("NEW", "60000.01", "CNY"),
        ("LEFT", "30000.00", "CNY"),
        ("CURED", "0.10", "JPY"),
        ("SILENT", "50000.00", "CNY"),
        ("FIRM", "50000000.00", "CNY"),
    ):
        bank.add("account", account_id=name, customer_id=name, balance=balance, currency=currency)
    for number, (name, risk_class, status) in enumerate(
        [
            ("FIRM", "substandard", "active"),
            ("FIRM", "doubtful", "settled"),
            ("NEW", "special_mention", "active"),
            ("NEW", "loss", "active"),
        ]
    ):
        bank.add("loan", loan_id=str(number), customer_id=name, risk_class=risk_class, status=status,
                 principal_balance="0.10", currency="JPY")  # fmt: skip
    for number, card in enumerate(
        [
            {"issued_on": "2025-01-01"},
            {"issued_on": "2025-01-15", "status": "frozen"},
            {"issued_on": "2025-01-15", "status": "cancelled"},
            {"issued_on": "2025-01-15", "card_kind": "debit"},
            {"issued_on": "2024-12-31"},
        ]
    ):
        bank.add("card", card_id=str(number), customer_id="NEW", card_grade="standard", **card)
    bank.add("contribution", customer_id="FIRM", month="2024-12-01", revenue="7.77", economic_capital_return="1")
    bank.add("employee", employee_id="M1", org_id="O1", role="outlet_account_manager")
    short = {"channel": "phone", "started_at": "2025-01-10T09:00:00", "ended_at": "2025-01-10T09:00:01"}
    bank.add("visit", visit_id="V1", customer_id="FIRM", employee_id="M1", **short)
    bank.add("visit", visit_id="V1", customer_id="NEW", employee_id="nobody", channel="message")
    bank.add("visit", visit_id="V2", customer_id="NEW", employee_id="M1", channel="message")
    bank.add("visit", visit_id="V3", customer_id="gone", employee_id="M1")
    december, october = date(2024, 12, 1), date(2024, 10, 1)
    before = [
        tier_row(december, "SILENT", "T5", "1.00"),
        tier_row(december, "FIRM", "C1", "9.00"),
        tier_row(october, "LEFT", "T4", "60000.00"),
        tier_row(october, "CURED", "T0", "60000.00"),
        tier_row(october, "SILENT", "T4", "0.00", is_in_scope=True),
        tier_row(october, "FIRM", "C2", "50000000.00"),
        tier_row(october, "gone", "T4", "60000.00"),
    ]
    views = [
        {"policy_month": december, "customer_id": name, "red_list_reason": "missing", "red_list_since": december}
        for name in ("CURED", "SILENT", "gone")
    ]
    result = compute(bank.write(), D, History.of_store({TIERS: before, VIEWS: views}))
    values = of_subject(result, "O1")
    assert of_subject(result, "BR") == values
    expected: dict[str, str | None] = {
        "customers": "5",
        "customers_in_scope": "3",  # NEW, SILENT, FIRM
        "new_customers": "1",
        "financial_assets": "50140000.02",  # CURED has 0.005, published as 0.01
        "deposit_balance": "50140000.02",
        "deposit_balance_retail": "140000.02",
        "deposit_balance_corporate": "50000000",
        "loan_balance": "0.02",  # 0.005 + 0.005 of NEW is 0.01; FIRM's 0.005 is published as 0.01
        "loan_balance_retail": "0.01",
        "loan_balance_corporate": "0.01",
        "npl_balance": "0.01",
        "credit_cards_issued": "2",
        "revenue_12m": "7.77",
        "upgraded_customers": "1",
        "downgraded_customers": "1",
        "churned_customers": "1",
        "churn_base_customers": "2",  # LEFT and FIRM
        "unreachable_customers": "1",
        "unreachable_before": "2",
        "cured_customers": "1",
        "statements_due": "0",
        "stale_statements": "0",
        "duties_met": "0",
        "credited_contacts": "0",
        "visits": "2",
        "doubtful_visits": "1",
        "npl_ratio": "0.5",
        "unreachable_share": "0.333333",
        "upgrade_rate": "0.333333",
        "churn_rate": "0.5",
        "cure_rate": "0.5",
        "doubtful_share": "0.5",
        "duties_judged": "3",
        "compliance_rate": "0",
        "stale_statement_share": None,
    }
    assert {name: values[name] for name in expected} == {
        name: None if value is None else Decimal(value) for name, value in expected.items()
    }
    assert {value for value in of_subject(result, "O2").values() if value is not None} == {0}
    assert {name for name, value in of_subject(result, "O2").items() if value is None} == {
        metric.name for metric in METRICS if metric.source == "ratio" and metric.name != "fee_income_share"
    }
    rows = by_key(result, KPIS, "subject_kind", "subject_id", "metric")
    assert rows["org", "HO", "loan_balance"]["parts_difference"] == 0
    assert rows["org", "HO", "customers"]["parts_difference"] is None
    # C1 asks for nothing of an account manager of an outlet, so the call counts for no duty
    assert rows["employee", "M1", "counted_contacts"]["value"] == 0


def test_duties_and_people_by_hand(bank: Bank) -> None:
    """A firm with duties at O1, two persons with a customer each, and one who has left."""
    bank.add("customer", customer_id="FIRM", customer_kind="corporate")
    bank.add("customer", customer_id="A", mobile_phone="13812345678")
    bank.add("customer", customer_id="B")
    for name, balance in (("FIRM", "1.00"), ("A", "100000.00"), ("B", "200000.00")):
        bank.add("account", account_id=name, customer_id=name, balance=balance)
    bank.add("employee", employee_id="M1", org_id="O1", role="outlet_account_manager")
    bank.add("employee", employee_id="M2", org_id="O1", role="outlet_account_manager", left_on="2025-01-15")
    bank.add("employee", employee_id="L1", org_id="O1", role="lobby_manager")
    for number, person in enumerate(("M1", "M1", "M2")):
        bank.add("visit", visit_id=f"V{number}", customer_id="FIRM", employee_id=person)
    for name, person, kind in (("A", "L1", "manager"), ("B", "L1", "manager"), ("B", "M1", "referrer")):
        since = "2024-01-01" if kind == "manager" else "2023-01-01"
        bank.add("relationship", customer_id=name, employee_id=person, relation=kind, since=since)
    bank.add("contribution", customer_id="B", month="2024-12-01", revenue="3.33", economic_capital_return="1")
    before = [tier_row(date(2024, 12, 1), "FIRM", "C3"), tier_row(date(2024, 12, 1), "B", "T3")]
    result = compute(bank.write(), D, History.of_store({TIERS: before}))
    values = of_subject(result, "O1")
    names = ("duties_met", "duties_judged", "required_contacts", "credited_contacts", "compliance_rate")
    assert [values[name] for name in names] == [1, 2, 5, 3, Decimal("0.5")]
    assert values["contact_completion_rate"] == Decimal("0.6")
    # nobody at O1 or above is a finance manager for B
    assert {of_subject(result, name)["people_short"] for name in ("O1", "BR")} == {Decimal(1)}
    assert of_subject(result, "M2") == {}
    assert of_subject(result, "L1") == {
        "assigned_customers": 2,
        "assigned_financial_assets": 300_000,
        "unreachable_customers": 1,
        "upgraded_customers": 1,
        "credited_revenue_12m": 0,
        "counted_contacts": 0,
        "customers_contacted": 0,
        "doubtful_contacts": 0,
    }
    mine = of_subject(result, "M1")
    own = ("assigned_customers", "credited_revenue_12m", "counted_contacts", "customers_contacted")
    assert [mine[name] for name in own] == [0, Decimal("3.33"), 2, 1]
    ranks = by_key(result, "fct_ranking_monthly", "subject_id", "compare")
    assert (ranks["O1", "maintenance"]["peers"], ranks["O2", "maintenance"]["score"]) == (2, None)
