"""A bank full of data that the contract allows but a tidy bank would not deliver: published, with one meaning.

Each row below is accepted by the contract or quarantined alone; none may block the delivery. The marts match the
independent reference, for two dates across a month end.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from datetime import date

import pytest
from fuzz.line import PUBLISHED, Line
from reference.bank import Result, blocked, compute
from reference.compare import count_differences, differences
from rich.console import Console
from support.house import House, MakeHouse, Marts
from support.small_bank import AFTER, D, SmallBank

from fenceng.analysis.explanation import explanation_of
from fenceng.analysis.explanation.facts import ExplanationError
from fenceng.options import Lang
from fenceng.words.explanation import print_explanation
from orchestration.store.releases import current_release

MARCH = date(2026, 3, 1)
MILLION = "60000000.00"
RING = [f"R{number:02d}" for number in range(25)]
STATED = {"report_kind": "annual", "period_end": "2025-12-31"}
EARNED = {"month": "2026-02-01", "revenue": "1.00", "economic_capital_return": "1.00"}


@dataclass(frozen=True)
class Published:
    """What a refresh published, the reference's result for the date, and the run's findings."""

    marts: Marts
    reference: Result
    found: dict[str, tuple[str, int, str]]
    counts: dict[str, tuple[int, int, int]]


def organizations(bank: SmallBank) -> None:
    """Paths that reach no head office: a ring longer than any tree, a ring of two, a self-parent, a root, an orphan."""
    bank.add("organization", org_id="B1", org_level="branch")
    bank.add("organization", org_id="D1", org_level="corporate_department", parent_org_id="B1")
    bank.add("organization", org_id="O2", parent_org_id="B1")
    bank.add("organization", org_id="DO", org_level="wealth_center", parent_org_id="O2")
    for own, parent in zip(RING, [*RING[1:], RING[0]], strict=True):
        bank.add("organization", org_id=own, parent_org_id=parent)
    bank.add("organization", org_id="RB", org_level="branch", parent_org_id="RS")
    bank.add("organization", org_id="RS", org_level="sub_branch", parent_org_id="RB")
    bank.add("organization", org_id="RO", parent_org_id="RS")
    bank.add("organization", org_id="SELF", parent_org_id="SELF")
    bank.add("organization", org_id="TOP", parent_org_id="")
    bank.add("organization", org_id="BAD", org_level="planet")
    bank.add("organization", org_id="LOST", parent_org_id="BAD")
    # A number of eleven digits may be an organisation's id, or a customer's or an employee's.
    bank.add("organization", org_id="13800138000")


def customers(bank: SmallBank) -> None:
    """Companies in odd places, people without anything, and ids that look like something else."""
    for org in ("O2", "R00", "R13", "RO", "SELF", "TOP", "LOST", "13800138000"):
        bank.add("customer", customer_id=f"F-{org}", customer_kind="corporate", org_id=org)
        bank.add("account", account_id=f"F-{org}", customer_id=f"F-{org}", org_id=org, balance=MILLION)
    bank.add("customer", customer_id="13800138000", opened_on=str(D))
    bank.add("customer", customer_id="客户|一", birth_date="1899-01-01")
    bank.add("customer", customer_id="BARE", customer_kind="institution")
    bank.add("customer", customer_id="SHEET", customer_kind="corporate")
    bank.add("customer", customer_id="LEAVES", customer_kind="corporate")
    bank.add("customer", customer_id="WRONG", id_type="uscc", id_number="91110000600037341M")
    bank.add("account", account_id="LEAVES", customer_id="LEAVES", balance=MILLION)
    bank.add("corporate_profile", customer_id="P1", registered_capital="0.00", is_co_managed="false")
    bank.add("corporate_profile", customer_id="F-O2", is_co_managed="false")
    bank.add("employee", employee_id="11010519491231002X", org_id="D1", role="corporate_department_head")
    bank.add("employee", employee_id="E2", org_id="DO", role="outlet_head")
    bank.add("employee", employee_id="E3", org_id="R20", role="outlet_account_manager", left_on="2021-01-01")
    bank.add("employee", employee_id="E4", org_id="HO", role="branch_president", hired_on="2027-01-01")
    bank.add("employee", employee_id="E5", org_id="RB", role="branch_account_manager")
    bank.add("relationship", customer_id="LEAVES", employee_id="E3")
    bank.add("relationship", customer_id="LEAVES", employee_id="E1")


def holdings(bank: SmallBank) -> None:
    """Closed, negative, in two currencies under one number, in currencies that occur only in the rates."""
    for currency, rate in (("USD", "7.12500000"), ("EUR", "8.00000000"), ("CNY", "100"), ("XXX", "0.00000001")):
        bank.add("fx_rate", currency=currency, cny_per_unit=rate)
    bank.add("fx_rate", currency="BAD", cny_per_unit="0")
    bank.add("account", account_id="A1", currency="USD", balance="4.321E1")
    bank.add("account", account_id="A2", balance="70000.00", status="closed")
    bank.add("account", account_id="A3", balance="-7.00", opened_on=str(D), matures_on="2000-01-01")
    bank.add("account", account_id="A4", balance="1403508771929.82", currency="USD", customer_id="13800138000")
    bank.add("account", account_id="A5", balance="1403508771929.83", currency="USD")
    bank.add("account", account_id="A6", currency="BAD")
    bank.add("account", account_id="A7", customer_id="NOBODY")
    bank.add("brokerage", brokerage_account_id="B1", margin_balance="-500.00")
    bank.add("brokerage", brokerage_account_id="B2", margin_balance="20000.00", status="closed")
    bank.add("brokerage", brokerage_account_id="B3", margin_balance="0.07", currency="USD", customer_id="客户|一")
    bank.add("loan", loan_id="L1", principal_balance="0.00", matures_on="1999-01-01")
    bank.add("loan", loan_id="L2", principal_balance="300000.00", status="written_off")
    bank.add("loan", loan_id="L3", customer_id="SHEET", principal_balance="1.00")
    line = {"customer_id": "SHEET", "currency": "CNY", "approved_amount": "1.00", "valid_from": "2026-01-01"}
    bank.add("credit_line", credit_line_id="C1", **line, target_amount="-3.00")
    bank.add("credit_line", credit_line_id="C2", **line, target_amount="900000000.00", valid_to=str(D))


def events(bank: SmallBank) -> None:
    """Events of missing people, cards and customers, or with someone else's."""
    bank.add("card", card_id="K1")
    bank.add("card", card_id="K2", customer_id="NOBODY")
    bank.add("card", card_id="K3", customer_id="F-O2", status="cancelled")
    bank.add("card", card_id="K4", card_kind="debit")
    pairs = [("GONE", "K1"), ("P1", "NOCARD"), ("GONE", "NOCARD"), ("客户|一", "K1"), ("F-O2", "K3"), ("P1", "K2"),
             ("P1", "K4"), ("NOBODY", "K2")]  # fmt: skip
    for number, (customer, card) in enumerate(pairs):
        spent = {"customer_id": customer, "card_id": card, "transacted_on": "2026-03-01"}
        bank.add("card_transaction", transaction_id=f"T{number}", amount="60000.00", **spent)
    bank.add("card_transaction", transaction_id="TR", transaction_kind="refund", amount="99999.00", customer_id="F-O2",
             card_id="K3")  # fmt: skip
    for number, customer in enumerate(["GONE", "NOBODY", "LEAVES"]):
        bank.add("financial_statement", customer_id=customer, **STATED, total_assets=f"{number + 1}00000000.00")
        bank.add("contribution", customer_id=customer, **EARNED)
    bank.add("financial_statement", customer_id="SHEET", **STATED, total_assets="100000000000000.00")
    bank.add("contribution", customer_id="SHEET", **{**EARNED, "revenue": "10000000000000.00"})
    who = ["E1", "E2", "E3", "E4", "E5", "11010519491231002X", "NOBODY"]
    where = ["F-O2", "F-R00", "F-RO", "F-SELF", "F-TOP", "F-LOST", "GONE", "P1", "LEAVES"]
    for number, customer in enumerate(where):
        for person in who:
            bank.add("visit", visit_id=f"V{number}", customer_id=customer, employee_id=person)
    # One trip to two customers.
    for customer, person in (("F-O2", "E1"), ("F-TOP", "E2")):
        bank.add("visit", visit_id="TRIP", customer_id=customer, employee_id=person)
    for number, channel in enumerate(["on_site", "message"]):
        bank.add("visit", visit_id=f"W{number}", customer_id="F-R13", employee_id="E3", channel=channel)


def next_day(bank: SmallBank) -> None:
    """The snapshots of the next day, in the next month: one customer is gone, but its events remain."""
    for (table, on), rows in list(bank.rows.items()):
        if on == D and table not in ("card_transaction", "visit", "financial_statement", "contribution"):
            bank.rows[table, AFTER] = [dict(row) for row in rows if row.get("customer_id") != "LEAVES"]
    bank.add("card_transaction", on=AFTER, transaction_id="TA", customer_id="LEAVES", card_id="K1", amount="1.00")


def refresh(house: House, day: date) -> Published:
    """Publish a day; it must not be blocked."""
    assert blocked(house.landing, day) == []
    house.publish(day)
    release = current_release(house.published)
    assert release is not None
    manifest = release.manifest()
    return Published(
        house.marts(),
        compute(house.landing, day),
        {one["rule_id"]: (one["severity"], one["rows"], one["detail"]) for one in manifest["findings"]},
        {
            name: (count["received"], count["accepted"], count["quarantined"])
            for name, count in manifest["delivered"].items()
        },
    )


@pytest.fixture(scope="module")
def house(make_house: MakeHouse) -> House:
    """Return a house with the odd bank delivered on two days."""
    house = make_house("oddities")
    bank = SmallBank(house.folder)
    for add in (organizations, customers, holdings, events, next_day):
        add(bank)
    bank.write()
    return house


@pytest.fixture(scope="module")
def published(house: House) -> list[Published]:
    """Publish the first day; judge the second and build its marts with the compiled models."""
    first = refresh(house, D)
    line = Line(house.folder / "next", house.published, AFTER)
    outcome = line.judge(house.landing, is_quick=False)
    assert (outcome.code, outcome.error, blocked(house.landing, AFTER)) == (PUBLISHED, None, [])
    counts: dict[str, tuple[int, int, int]] = {}
    for (table, *_), more in outcome.counts.items():
        received, accepted, quarantined = (a + b for a, b in zip(counts.get(table, (0, 0, 0)), more, strict=True))
        counts[table] = (received, accepted, quarantined)
    found = {one.rule_id: (one.severity, one.rows, one.detail) for one in outcome.findings}
    return [first, Published(line.marts(), compute(house.landing, AFTER, line.history), found, counts)]


@pytest.mark.parametrize("number", [0, 1], ids=["last day of March", "first of April"])
def test_it_is_published_and_is_what_the_reference_says(published: list[Published], number: int) -> None:
    day = published[number]
    assert differences(day.marts, day.reference) == []
    assert count_differences(day.counts, day.reference) == []
    assert not [rule for rule, (severity, *_) in day.found.items() if severity == "block"]


def test_nobody_got_what_is_nobodys(published: list[Published]) -> None:
    """Otherwise the comparison would have nothing to find."""
    spend = {
        row["customer_id"]: row["card_spend_12m"]
        for row in published[0].marts["fct_customer_tier_monthly"]
        if row["card_spend_12m"]
    }
    assert {name: str(amount) for name, amount in spend.items()} == {"客户|一": "60000.00"}
    held = {(row["table_name"], row["rule_id"]) for row in published[0].marts["fct_quarantine"]}
    assert held == {
        ("account", "account.balance.limit"),
        ("account", "account.currency.rate"),
        ("account", "account.customer_id.reference"),
        ("card", "card.customer_id.reference"),
        ("contribution", "contribution.revenue.limit"),
        ("customer", "customer.id_number.checksum"),
        ("financial_statement", "financial_statement.total_assets.limit"),
        ("fx_rate", "fx_rate.cny_per_unit.positive"),
        ("organization", "organization.org_level.enum"),
    }


def test_broken_ways_up_are_warned_of_with_the_duties_that_superiors_lack(published: list[Published]) -> None:
    found, duties = published[0].found, published[0].marts["fct_visit_obligation_monthly"]
    adrift = {*RING, "RB", "RS", "RO", "SELF", "TOP", "LOST"}
    severity, rows, detail = found["dim_organization.way_up"]
    assert (severity, rows, detail) == ("warning", len(adrift), "LOST, R00, R01, R02, R03 and 26 more")
    lacking = [row for row in duties if row["lead_org_id"] in adrift]
    assert found["fct_visit_obligation_monthly.way_up"][:2] == ("warning", len(lacking))
    top = next(
        row
        for row in published[0].marts["fct_visit_compliance_by_org_monthly"]
        if (row["org_id"], row["role_group"]) == ("HO", "all")
    )
    assert top["obligations"] == len(duties) - len(lacking)
    assert len(lacking) > 20


def test_what_was_held_back_is_told_of_the_customer(published: list[Published], house: House) -> None:
    """A statement beyond the limit was delivered, so it is not missing."""
    listed = {
        (row["customer_id"], row["table_name"], row["rule_id"], row["rows_held"])
        for row in published[0].marts["fct_held_back_monthly"]
    }
    assert listed == {
        ("SHEET", "contribution", "contribution.revenue.limit", 1),
        ("SHEET", "financial_statement", "financial_statement.total_assets.limit", 1),
        ("P1", "account", "account.balance.limit", 1),
        ("P1", "account", "account.currency.rate", 1),
    }
    release = current_release(house.published)
    assert release is not None
    for month in (MARCH, None):
        found = explanation_of(release, "SHEET", month)
        assert found.held_back_of("total_assets") == ("financial_statement.total_assets.limit",)
        said = {lang: printed(found, lang) for lang in Lang}
        assert "by total assets, which was delivered but quarantined (financial_statement.total" in said[Lang.EN]
        assert "delivered, but quarantined (contribution.revenue.limit)" in said[Lang.EN]
        assert "rows under financial_statement.total_assets.limit: 1" in said[Lang.EN]
        assert "数据已交付，但被隔离（financial_statement.total_assets.limit）" in said[Lang.ZH]
        assert "数据已交付，但被隔离（contribution.revenue.limit）" in said[Lang.ZH]
        # The same of what else is known, and which measures lack the rows.
        not_in = "Rows that were delivered and quarantined are not in it"
        assert f"No statement on record. {not_in} (financial_statement.total_assets.limit)." in said[Lang.EN]
        assert f"{not_in} (contribution.revenue.limit)." in said[Lang.EN]
        assert "rows under financial_statement.total_assets.limit: 1; they are not in total assets" in said[Lang.EN]
        assert "另有已交付但被隔离的记录未计入（contribution.revenue.limit）。" in said[Lang.ZH]
        assert "规则 financial_statement.total_assets.limit：1条，未计入总资产" in said[Lang.ZH]
    with pytest.raises(ExplanationError, match=r"WRONG was delivered and quarantined \(customer\.id_number"):
        explanation_of(release, "WRONG")
    person = printed(explanation_of(release, "P1", MARCH), Lang.EN)
    assert "are not in it (account.balance.limit, account.currency.rate)." in person
    bare = printed(explanation_of(release, "BARE", MARCH), Lang.EN)
    assert "quarantined" not in bare


def printed(found: object, lang: Lang) -> str:
    """What explain prints, with whitespace collapsed."""
    console = Console(file=io.StringIO(), width=2000)
    print_explanation(console, found, lang)  # type: ignore[arg-type]
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\s+", " ", console.file.getvalue())
