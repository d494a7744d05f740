"""Results of campaigns by hand, and the interval of the lift."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from .campaigns import campaign_rows, lift_of
from .customers import Customer
from .landing import Accepted, Row
from .organizations import Tree

DAY = timedelta(days=1)
STARTS, ENDS = date(2025, 3, 3), date(2025, 3, 31)
CLOSED = ENDS + 31 * DAY
TREE = Tree([{"org_id": "O1", "parent_org_id": None, "org_level": "outlet"}])
PLAN = ("situation", "goals", "strategy", "implementation", "feedback_channel")


def result(members: list[Row], day: date, customers: dict[str, Customer] | None = None, **values: object) -> Row:
    """The one campaign's row."""
    campaign: Row = {"campaign_id": "K", "org_id": "O1", "starts_on": STARTS, "ends_on": ENDS}
    campaign |= {"planned_conversions": 5, **dict.fromkeys(PLAN, "text"), **values}
    data = Accepted(rows={"campaign": [campaign], "campaign_member": members})
    (row,) = campaign_rows(data, customers or {}, TREE, day)
    return row


def member(name: str, is_control: bool = False, contacted: date | None = None, converted: date | None = None) -> Row:
    """A member of the campaign."""
    return {
        "campaign_id": "K",
        "customer_id": name,
        "is_control": is_control,
        "contacted_on": contacted,
        "converted_on": converted,
    }


@pytest.mark.parametrize(
    ("counts", "lift", "low", "high"),
    [
        ((56, 70, 48, 80), "0.200000", "0.052431", "0.333873"),
        ((60, 1000, 8, 200), "0.020000", "-0.019188", "0.045598"),
        ((0, 10, 0, 20), "0.000000", "-0.161125", "0.277533"),
    ],
)
def test_intervals_by_hand(counts: tuple[int, int, int, int], lift: str, low: str, high: str) -> None:
    """The worked numbers, to six places."""
    row = lift_of(*counts)
    assert [f"{row[name]:.6f}" for name in ("lift", "lift_low", "lift_high")] == [lift, low, high]


def test_no_lift_without_both_groups() -> None:
    """One group alone has a rate and no lift; nobody has neither."""
    assert set(lift_of(1, 2, 0, 0).values()) == {None} == set(lift_of(0, 0, 1, 2).values())
    row = result([member("A", converted=ENDS), member("B")], CLOSED)
    assert (row["conversion_rate"], row["control_rate"], row["lift"]) == (0.5, None, None)
    row = result([member("A", is_control=True)], CLOSED)
    assert (row["conversion_rate"], row["control_rate"], row["lift_low"]) == (None, 0.0, None)
    row = result([], CLOSED)
    assert (row["targeted"], row["controls"], row["conversion_rate"], row["lift_high"]) == (0, 0, None, None)


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (STARTS - DAY, "planned"),
        (STARTS, "running"),
        (ENDS, "running"),
        (ENDS + DAY, "converting"),
        (ENDS + 30 * DAY, "converting"),
        (ENDS + 31 * DAY, "closed"),
    ],
)
def test_status(day: date, status: str) -> None:
    """Each on its first and last day."""
    assert result([], day)["status"] == status


@pytest.mark.parametrize(
    ("converted", "day", "counts"),
    [
        (STARTS - DAY, CLOSED, 0),
        (STARTS, CLOSED, 1),
        (ENDS + 30 * DAY, CLOSED, 1),
        (ENDS + 31 * DAY, CLOSED, 0),
        (ENDS, ENDS, 1),
        (ENDS, ENDS - DAY, 0),
        (None, CLOSED, 0),
    ],
)
def test_conversions(converted: date | None, day: date, counts: int) -> None:
    """From the start to thirty days after the end, and known on D; of members and controls alike."""
    members = [member("A", converted=converted), member("B", is_control=True, converted=converted), member("C")]
    row = result(members, day)
    assert (row["converted"], row["controls_converted"]) == (counts, counts)
    assert (row["targeted"], row["controls"], row["conversion_rate"]) == (2, 1, counts / 2)


def test_contacts_and_consent() -> None:
    """A contact counts whenever it was, up to D; consent is asked of persons in today's snapshot."""

    def customer(kind: str, consent: bool | None) -> Customer:
        return Customer({"customer_kind": kind, "marketing_consent": consent})

    customers = {
        "yes": customer("personal", True),
        "no": customer("personal", False),
        "unsaid": customer("sole_proprietor", None),
        "firm": customer("corporate", None),
        "later": customer("personal", None),
        "control": customer("personal", None),
    }
    members = [member(name, contacted=STARTS - DAY) for name in ("yes", "no", "unsaid", "firm", "left")]
    members += [member("later", contacted=CLOSED + DAY), member("control", is_control=True, contacted=CLOSED)]
    row = result(members, CLOSED, customers)
    assert (row["targeted"], row["contacted"], row["contacted_without_consent"]) == (6, 5, 2)
    assert (row["controls"], row["controls_contacted"]) == (1, 1)


def test_plans() -> None:
    """Blank is missing, in the contract's order; a zero-width space is no white space."""
    assert result([], CLOSED)["missing_plan_fields"] is None
    row = result([], CLOSED, strategy=" \u3000\u2003", feedback_channel=None, situation="", goals="\u200b")
    assert row["missing_plan_fields"] == "situation,strategy,feedback_channel"
    assert (row["org_level"], row["planned_conversions"]) == ("outlet", 5)
