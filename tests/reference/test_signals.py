"""Signs of visits that were not made, each on both sides of its bound, and the contacts that rest on them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import count

import pytest

from .bank import compute
from .hand_bank import Bank, D, by_key, tiers_of
from .landing import Row
from .signals import doubtful_contacts, doubtful_of, signal_rows

# The last three working days of January 2025 are Friday the 24th, Sunday the 26th (a make-up day) and the 27th.
END = date(2025, 1, 31)
LAST = [date(2025, 1, day) for day in (24, 26, 27)]
NINE = datetime(2025, 1, 10, 9)
SECOND, MICROSECOND = timedelta(seconds=1), timedelta(microseconds=1)
TWENTY = "Follow Up Next Month"


@pytest.fixture
def visits() -> list[Row]:
    """The visits of a test."""
    return []


def visit(rows: list[Row], visited: date = date(2025, 1, 10), person: str = "E1", **values: object) -> str:
    """Add a visit on site and return its id."""
    row: Row = {
        "visit_id": f"V{len(rows)}",
        "customer_id": f"C{len(rows)}",
        "employee_id": person,
        "visited_on": visited,
        "channel": "on_site",
        "outcome": None,
        "started_at": None,
        "ended_at": None,
        "place": None,
        "biz_date": visited,
    }
    rows.append(row | values)
    return str(rows[-1]["visit_id"])


def found(rows: list[Row], day: date = END) -> set[tuple[str, str]]:
    """(signal, visit) of every row of the mart, which has each once."""
    signals = signal_rows(rows, day)
    pairs = [(row["signal"], row["visit_id"]) for row in signals]
    assert len(set(pairs)) == len(pairs)
    return set(pairs)


def test_late_entries(visits: list[Row]) -> None:
    """Seven days are in time, eight are not; of another month nothing is said."""
    visit(visits, biz_date=date(2025, 1, 17))
    late = visit(visits, biz_date=date(2025, 1, 18))
    visit(visits, date(2024, 12, 31), biz_date=date(2025, 1, 9))
    assert found(visits) == {("late_entry", late)}


def test_off_days(visits: list[Row]) -> None:
    """On site on a Saturday or a holiday, not on a make-up Sunday, not by telephone; and it makes nothing doubtful."""
    off = {visit(visits, date(2025, 1, day)) for day in (11, 28)}
    visit(visits, date(2025, 1, 26))
    visit(visits, date(2025, 1, 11), channel="phone")
    assert found(visits) == {("off_day", one) for one in off}
    assert doubtful_of(signal_rows(visits, END)) == set()


@pytest.mark.parametrize(
    ("late", "others", "is_burst"), [(5, 4, True), (5, 5, False), (4, 0, False), (5, 0, True), (6, 6, False)]
)
def test_bursts(visits: list[Row], late: int, others: int, is_burst: bool) -> None:
    """At least five, and more than half."""
    burst = {visit(visits, LAST[n % 3], channel="message") for n in range(late)}
    for _ in range(others):
        visit(visits, date(2025, 1, 23))
    visit(visits, LAST[0], person="E2")
    assert found(visits) == ({("month_end_burst", one) for one in burst} if is_burst else set())


def test_the_days_of_a_burst_are_those_of_the_month(visits: list[Row]) -> None:
    """Saturday the 25th is between them and is none of them; on the 24th it has yet to come."""
    for _ in range(5):
        visit(visits, date(2025, 1, 25), channel="phone")
    burst = {visit(visits, LAST[0], channel="phone") for _ in range(5)}
    assert found(visits) == set()
    assert found(visits, LAST[0]) == {("month_end_burst", one) for one in burst}


@pytest.mark.parametrize(("on_site", "is_crowded"), [(8, False), (9, True)])
def test_crowded_days(visits: list[Row], on_site: int, is_crowded: bool) -> None:
    """More than eight on site; calls count nothing."""
    there = {visit(visits) for _ in range(on_site)}
    for _ in range(3):
        visit(visits, channel="phone")
    visit(visits, date(2025, 1, 9))
    visit(visits, person="E2")
    assert found(visits) == ({("crowded_day", one) for one in there} if is_crowded else set())


@pytest.mark.parametrize(
    ("second", "is_found"),
    [
        ({}, True),
        ({"started_at": NINE - 60 * SECOND + MICROSECOND}, True),
        ({"started_at": NINE + 60 * SECOND}, False),
        ({"started_at": NINE - 60 * SECOND}, False),
        ({"place": "north"}, False),
        ({"place": None}, False),
        ({"started_at": None}, False),
        ({"customer_id": "C0"}, False),
        ({"visit_id": "V0"}, False),
        ({"channel": "phone"}, False),
        ({"employee_id": "E2"}, False),
        ({"ended_at": NINE + 58 * SECOND}, False),  # before it began: both times count as unknown
        ({"visited_on": date(2025, 1, 9), "biz_date": date(2025, 1, 9)}, False),  # began on another day
    ],
)
def test_two_places_in_a_minute(visits: list[Row], second: Row, is_found: bool) -> None:
    """Two visits on site to two customers at two places, less than sixty seconds apart."""
    visit(visits, started_at=NINE, place="north")
    visit(visits, **{"started_at": NINE + 60 * SECOND - MICROSECOND, "place": "south", **second})
    assert found(visits) == ({("same_minute", "V0"), ("same_minute", "V1")} if is_found else set())


@pytest.mark.parametrize(
    ("values", "is_short"),
    [
        ({"ended_at": NINE}, True),
        ({"ended_at": NINE + 30 * SECOND - MICROSECOND}, True),
        ({"ended_at": NINE + 30 * SECOND}, False),
        ({"ended_at": NINE - MICROSECOND}, False),
        ({"ended_at": None}, False),
        ({"ended_at": NINE, "started_at": None}, False),
        ({"ended_at": NINE, "channel": "on_site"}, False),
        ({"ended_at": NINE, "visited_on": date(2025, 1, 9), "biz_date": date(2025, 1, 9)}, False),
    ],
)
def test_short_calls(visits: list[Row], values: Row, is_short: bool) -> None:
    """A call of less than thirty seconds."""
    one = visit(visits, **{"channel": "phone", "started_at": NINE, **values})
    assert found(visits) == ({("short_call", one)} if is_short else set())


@pytest.mark.parametrize(
    ("texts", "is_copied"),
    [
        ([TWENTY, TWENTY.upper(), f"\u3000{TWENTY}\u2003", f"\t{TWENTY.lower()}\n"], True),
        ([TWENTY] * 3, False),
        ([TWENTY[:-1]] * 4, False),
        ([f" {TWENTY[:-1]} "] * 4, False),
        ([TWENTY] * 3 + [TWENTY.replace(" ", "  ")], False),
        ([f"{TWENTY}\u200b"] * 3 + [TWENTY], False),  # no white space
        (["客户近期资金稳定，约定下月上门再次沟通。"] * 4, True),
    ],
)
def test_copied_outcomes(visits: list[Row], texts: list[str], is_copied: bool) -> None:
    """The same twenty letters on more than three visits of a person, whatever the case and the ends."""
    copies = {visit(visits, channel="phone", outcome=text) for text in texts}
    visit(visits, person="E2", outcome=texts[0])
    visit(visits, outcome="")
    assert found(visits) == ({("copied_outcome", one) for one in copies} if is_copied else set())


def test_a_contact_is_doubtful_if_all_its_rows_are() -> None:
    """One honest row is enough."""
    contacts = {"V1": ["E1", "E2"], "V2": ["E1"], "V3": ["E2"]}
    assert doubtful_contacts(contacts, {("V1", "E1"), ("V2", "E1")}) == 1
    assert doubtful_contacts(contacts, {("V1", "E1"), ("V1", "E2"), ("V2", "E1")}) == 2


def test_duties_without_doubtful_contacts(bank: Bank) -> None:
    """F1 and F2 of class C3: two contacts of a leader, three of a manager."""
    number = count(1)

    def made(customer: str, person: str, **values: str) -> None:
        bank.add("visit", visit_id=f"V{next(number)}", customer_id=customer, employee_id=person, **values)

    for name in ("F1", "F2"):
        bank.add("customer", customer_id=name, customer_kind="corporate")
        bank.add("account", account_id=name, customer_id=name, balance="1.00")
    bank.add("employee", employee_id="L1", org_id="O1", role="outlet_head")
    bank.add("employee", employee_id="L2", org_id="O1", role="outlet_deputy_head")
    for n in range(5):
        bank.add("employee", employee_id=f"M{n}", org_id="O1", role="outlet_account_manager")
    short = {"channel": "phone", "started_at": "2025-01-10T09:00:00", "ended_at": "2025-01-10T09:00:29"}
    # F1, leaders: one call by L1 alone is doubtful, one by both is not, for L2 kept no times
    made("F1", "L1", **short)
    bank.add("visit", visit_id="V9", customer_id="F1", employee_id="L1", **short)
    bank.add("visit", visit_id="V9", customer_id="F1", employee_id="L2", channel="phone")
    # F1, managers: three contacts and a message that counts for nothing; F2: three, one of them doubtful
    for person in ("M0", "M1", "M2"):
        made("F1", person)
    made("F1", "M3", channel="message")
    made("F2", "M3")
    made("F2", "M3", **short)
    made("F2", "M4", channel="phone")
    made("F2", "M0")
    result = compute(bank.write(), D, tiers_of(date(2024, 12, 1), {"F1": "C3", "F2": "C3"}))
    duties = by_key(result, "fct_visit_obligation_monthly", "customer_id", "role_group")
    assert {key: (row["status"], row["counted_contacts"], row["doubtful_contacts"]) for key, row in duties.items()} == {
        ("F1", "outlet_leader"): ("met", 2, 1),
        ("F1", "outlet_account_manager"): ("met", 3, 0),
        ("F2", "outlet_leader"): ("open", 0, 0),
        ("F2", "outlet_account_manager"): ("met", 4, 1),
    }
    row = by_key(result, "fct_visit_compliance_by_org_monthly", "org_id", "role_group")["BR", "all"]
    assert (row["met"], row["met_without_doubtful"], row["compliance_rate_without_doubtful"]) == (3, 2, 2 / 4)
    people = by_key(result, "fct_visit_compliance_by_employee_monthly", "employee_id")
    columns = ("counted_contacts", "doubtful_contacts", "peers", "peer_median_contacts")
    assert {name: tuple(row[column] for column in columns) for name, row in people.items()} == {
        "L1": (2, 2, 1, None),
        "L2": (1, 0, 1, None),
        "M0": (2, 0, 5, 1.0),
        "M1": (1, 0, 5, 1.0),
        "M2": (1, 0, 5, 1.0),
        "M3": (2, 1, 5, 1.0),
        "M4": (1, 0, 5, 1.0),
    }
    assert len(result.marts["fct_visit_signal_monthly"]) == 3
