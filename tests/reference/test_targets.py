"""Targets cut into quarters, months, days and people, and what has been reached of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from . import targets
from .hand_bank import D
from .landing import Row
from .organizations import Tree
from .shares import largest_remainder
from .targets import UNIT, parts_of, target_rows

MARCH, DAY = date(2026, 3, 1), date(2026, 3, 25)
TREE = Tree(
    [
        {"org_id": "HO", "parent_org_id": None, "org_level": "head_office"},
        {"org_id": "BR", "parent_org_id": "HO", "org_level": "branch"},
        {"org_id": "O1", "parent_org_id": "BR", "org_level": "outlet"},
        {"org_id": "O2", "parent_org_id": "BR", "org_level": "outlet"},
    ]
)


def money(units: Iterable[int]) -> list[str]:
    """Units as text."""
    return [str(one * UNIT) for one in units]


def target(org_id: str = "O1", amount: str = "1000000.00", metric: str = "deposit_balance", year: int = 2026) -> Row:
    """A target."""
    return {"org_id": org_id, "metric": metric, "year": date(year, 1, 1), "amount": Decimal(amount)}


def person(employee_id: str, hired: date = date(2020, 1, 1), left: date | None = None, **values: str) -> Row:
    """A lobby manager of O1."""
    row = {"employee_id": employee_id, "org_id": "O1", "role": "lobby_manager", "hired_on": hired, "left_on": left}
    return row | values


def figure(kind: str, subject: str, value_month: date = MARCH, **values: str) -> Row:
    """A row of fct_kpi_monthly."""
    row: Row = {"subject_kind": kind, "subject_id": subject, "metric": "deposit_balance", "value_month": value_month}
    growth = {"month_to_date": None, "quarter_to_date": None, "year_to_date": None}
    return row | growth | {name: Decimal(value) for name, value in values.items()}


def cut(rows: list[Row], **values: object) -> dict[tuple[str, str, date], Row]:
    """The rows that have these values, by person, kind and start."""
    chosen = [row for row in rows if all(row[name] == value for name, value in values.items())]
    keyed = {(row["employee_id"], row["period_kind"], row["period_start"]): row for row in chosen}
    assert len(keyed) == len(chosen)
    return keyed


def test_largest_remainder() -> None:
    """The rest goes to the largest fractions, of equal ones to the earlier; nothing weighs nothing."""
    assert largest_remainder(10, [1, 1, 1]) == [4, 3, 3]
    assert largest_remainder(11, [1, 1, 1]) == [4, 4, 3]
    assert largest_remainder(-11, [1, 1, 1]) == [-4, -4, -3]
    assert largest_remainder(10, [Fraction(1, 3), Fraction(2, 3)]) == [3, 7]
    assert largest_remainder(1, [1, 3]) == [0, 1]
    assert largest_remainder(7, [0, 0, 0]) == [0, 0, 7]
    assert largest_remainder(-7, [0, 0]) == [0, -7]
    assert largest_remainder(0, [2, 1]) == [0, 0]
    assert largest_remainder(10**15 + 1, [1, 10**15]) == [1, 10**15]


def test_a_million_by_hand() -> None:
    """The calendar of 2026 has 248 working days: 59, 61, 66 and 62 a quarter."""
    parts = parts_of(Decimal("1000000.00"), "deposit_balance", MARCH)
    assert money(parts.quarters.values()) == ["237903.23", "245967.74", "266129.03", "250000.00"]
    months = money(parts.months.values())
    assert (months[0], months[2], months[11]) == ("84677.42", "88709.68", "92741.94")
    assert {str(units * UNIT) for day, units in parts.days.items() if day.day <= 25} == {"4032.26"}
    assert {str(units * UNIT) for day, units in parts.days.items() if day.day >= 26} == {"4032.25"}
    assert money(largest_remainder(parts.days[date(2026, 3, 2)], [1, 1, 1])) == ["1344.09", "1344.09", "1344.08"]
    less = parts_of(Decimal("-100.00"), "deposit_balance", MARCH)
    assert money(less.quarters.values()) == ["-23.79", "-24.60", "-26.61", "-25.00"]


def test_parts_are_the_whole() -> None:
    """At each step, for small and negative amounts, in each month of the year."""
    people = [
        person("A", left=date(2026, 3, 11)),
        person("B", hired=date(2026, 3, 17)),
        person("C", role="outlet_head"),
    ]
    for amount in ("0.01", "-0.05", "0.00", "7.00", "9999999999999.99", "-100.00"):
        rows = target_rows([target(amount=amount)], people, [], TREE, DAY)
        of_all = cut(rows, employee_id="all")

        def total(kind: str, of_all: dict[tuple[str, str, date], Row] = of_all) -> Decimal:
            return sum((row["target"] for (_, of, _), row in of_all.items() if of == kind), Decimal(0))

        assert total("quarter") == total("month") == total("year") == Decimal(amount)
        assert total("day") == total("week") == of_all["all", "month", MARCH]["target"]
        for (_, kind, start), row in of_all.items():
            if kind == "day":
                own = cut(rows, period_kind="day", period_start=start)
                assert sum(one["target"] for (name, *_), one in own.items() if name != "all") == row["target"]
    # A until the 10th, nobody from the 11th to the 16th, B from the 17th; C has another role
    people_of = {key[0]: row for key, row in cut(rows, period_kind="month", period_start=MARCH).items()}
    assert set(people_of) == {"all", "A", "unassigned", "B"}
    days = {start for name, kind, start in cut(rows) if (name, kind) == ("unassigned", "day")}
    assert days == {date(2026, 3, day) for day in (11, 12, 13, 16)}
    assert sum(row["target"] for name, row in people_of.items() if name != "all") == people_of["all"]["target"]


def test_weeks_are_cut_by_the_month() -> None:
    """March 2026 begins on a Sunday, a week without a working day; the last week ends on Tuesday the 31st."""
    weeks = {
        (row["period_start"].day, row["period_end"].day): row["target"]
        for row in target_rows([target("BR")], [], [], TREE, DAY)
        if row["period_kind"] == "week"
    }
    assert weeks == {
        (2, 8): Decimal("20161.30"),
        (9, 15): Decimal("20161.30"),
        (16, 22): Decimal("20161.30"),
        (23, 29): 3 * Decimal("4032.26") + 2 * Decimal("4032.25"),
        (30, 31): 2 * Decimal("4032.25"),
    }
    # In January 2025 Sunday the 26th is a working day, and the week from the 27th has one more.
    weeks = {
        (row["period_start"].day, row["period_end"].day): row["target"]
        for row in target_rows([target("BR", "19.00", year=2025)], [], [], TREE, D)
        if row["period_kind"] == "week"
    }
    month = sum(weeks.values())
    assert list(weeks) == [(1, 5), (6, 12), (13, 19), (20, 26), (27, 31)]
    assert [round(19 * part / month) for part in weeks.values()] == [2, 5, 5, 6, 1]


def test_reached() -> None:
    """On 25 March: the targets of January and February and of the days up to then."""
    people = [person("A"), person("B")]
    figures = [
        figure("org", "O1", month_to_date="100", quarter_to_date="-200.005", year_to_date="237903.225"),
        figure("employee", "A", month_to_date="36290.34"),
        figure("employee", "B", date(2026, 2, 1), month_to_date="1"),
    ]
    rows = target_rows([target(), target(year=2025), target("O2", "0.00")], people, figures, TREE, DAY)
    own = cut(rows, org_id="O1")
    in_month = 18 * Decimal("4032.26")
    year = own["all", "year", date(2026, 1, 1)]
    # January 84,677.42 and February 64,516.13
    expected = Decimal("84677.42") + own["all", "month", date(2026, 2, 1)]["target"] + in_month
    assert year["target_to_date"] == own["all", "quarter", date(2026, 1, 1)]["target_to_date"] == expected
    assert (year["actual"], year["run_rate"]) == (
        Decimal("237903.23"),
        float(Fraction(Decimal("237903.23")) / Fraction(expected)),
    )
    assert own["all", "quarter", date(2026, 1, 1)]["actual"] == Decimal("-200.01")
    month = own["all", "month", MARCH]
    assert (month["target_to_date"], month["actual"]) == (in_month, Decimal(100))
    others = [row for key, row in own.items() if key[0] == "all" and row not in (year, month)]
    assert sum(row["target_to_date"] is not None for row in others) == 1
    mine = own["A", "month", MARCH]
    assert (mine["target_to_date"], mine["actual"], mine["run_rate"]) == (in_month / 2, Decimal("36290.34"), 1.0)
    assert (own["B", "month", MARCH]["actual"], own["B", "month", MARCH]["run_rate"]) == (None, None)
    nothing = cut(rows, org_id="O2")["all", "year", date(2026, 1, 1)]
    assert (nothing["target_to_date"], nothing["actual"], nothing["run_rate"]) == (0, None, None)


@pytest.mark.parametrize(
    ("value_month", "kinds"),
    [
        (date(2026, 3, 1), {"year", "quarter", "month"}),
        (date(2026, 2, 1), {"year", "quarter"}),
        (date(2025, 12, 1), set()),
    ],
)
def test_no_figure_of_another_period(value_month: date, kinds: set[str]) -> None:
    """What was reported last in February says nothing of March."""
    figures = [figure("org", "O1", value_month, month_to_date="1", quarter_to_date="2", year_to_date="3")]
    rows = target_rows([target()], [], figures, TREE, DAY)
    assert {row["period_kind"] for row in rows if row["actual"] is not None} == kinds


def test_a_season_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """A row of the metric goes before that of all; a year without weight falls into its last parts."""
    always = dict(targets.SEASON)
    monkeypatch.setattr(targets, "SEASON", always | {("customers", month): Fraction(0) for month in range(2, 13)})
    parts = parts_of(Decimal("5.00"), "customers", MARCH)
    assert list(parts.months.values()) == [500] + [0] * 11
    monkeypatch.setattr(targets, "SEASON", always | {("customers", month): Fraction(0) for month in range(1, 13)})
    assert list(parts_of(Decimal("5.00"), "customers", MARCH).months.values()) == [0] * 11 + [500]
    monkeypatch.setattr(targets, "SEASON", always | {("customers", 12): Fraction(3)})
    even, heavy = (parts_of(Decimal("1.00"), name, MARCH).quarters for name in ("deposit_balance", "customers"))
    assert heavy[date(2026, 10, 1)] > even[date(2026, 10, 1)]
