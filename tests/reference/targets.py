"""The targets of a year, cut into quarters, months, days and people, and what has been reached of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from .days import (
    first_of_month,
    first_of_quarter,
    first_of_year,
    last_of_month,
    monday_of,
    plus_months,
    rounded,
    working_days,
    working_days_of,
)
from .kpi import EMPLOYEE, ORG
from .landing import Row
from .organizations import Tree
from .shares import largest_remainder
from .visits import employed

ALL, NOBODY = "all", "unassigned"
UNIT = Decimal("0.01")  # of counts too
TARGET_ROLES = {"outlet_account_manager", "finance_manager", "lobby_manager", "outlet_staff", "teller"}
# (metric or '*', month of the year) -> weight; a row of the metric goes first
SEASON: dict[tuple[str, int], Fraction] = {("*", number): Fraction(1) for number in range(1, 13)}


@dataclass(frozen=True)
class Parts:
    """The parts of one target, in units: quarters and months by their first day, the working days of M."""

    year: int
    quarters: Mapping[date, int]
    months: Mapping[date, int]
    days: Mapping[date, int]


def parts_of(amount: Decimal, metric: str, month: date) -> Parts:
    """Cut a year's target; each step cuts the parts of the one above."""
    units = int(amount / UNIT)
    months = [first_of_year(month).replace(month=number) for number in range(1, 13)]
    weights = {one: _season(metric, one) * working_days(one, last_of_month(one)) for one in months}
    by_quarter: dict[date, list[date]] = defaultdict(list)
    for one in months:
        by_quarter[first_of_quarter(one)].append(one)
    sums = [sum((weights[one] for one in of), Fraction(0)) for of in by_quarter.values()]
    quarters = dict(zip(by_quarter, largest_remainder(units, sums), strict=True))
    cut: dict[date, int] = {}
    for quarter, of in by_quarter.items():
        cut |= zip(of, largest_remainder(quarters[quarter], [weights[one] for one in of]), strict=True)
    days = working_days_of(month, last_of_month(month))
    return Parts(units, quarters, cut, dict(zip(days, largest_remainder(cut[month], [1] * len(days)), strict=True)))


def _season(metric: str, month: date) -> Fraction:
    return SEASON.get((metric, month.month), SEASON["*", month.month])


def people_of(day: date, org_id: str, employees: Iterable[Row]) -> list[str]:
    """Who carries a day's target: the outlet's people of the roles, in order of their ids."""
    names = [
        person["employee_id"]
        for person in employees
        if person["org_id"] == org_id and person["role"] in TARGET_ROLES and employed(person, day)
    ]
    return sorted(names) or [NOBODY]


def target_rows(
    targets: Iterable[Row], employees: Sequence[Row], kpis: Iterable[Row], tree: Tree, day: date
) -> list[Row]:
    """fct_target_monthly: the targets of the year of D."""
    known = {(row["subject_kind"], row["subject_id"], row["metric"]): row for row in kpis}
    table: list[Row] = []
    for target in targets:
        if target["year"] != first_of_year(day):
            continue
        org_id, metric = target["org_id"], target["metric"]
        parts = parts_of(target["amount"], metric, first_of_month(day))
        rows = _of_all(parts, known.get((ORG, org_id, metric)), day)
        if tree.rows[org_id]["org_level"] == "outlet":
            rows += _of_people(parts, org_id, metric, employees, known, day)
        same = {"policy_month": first_of_month(day), "org_id": org_id, "metric": metric}
        table += [{**same, **row} for row in rows]
    return table


def _of_all(parts: Parts, kpi: Row | None, day: date) -> list[Row]:
    month = first_of_month(day)
    year, quarter = first_of_year(month), first_of_quarter(month)
    in_month = sum(units for one, units in parts.days.items() if one <= day)

    def to_date(start: date) -> int:
        return sum(units for one, units in parts.months.items() if start <= one < month) + in_month

    rows = [_row(ALL, "year", year, plus_months(year, 12) - _DAY, parts.year, to_date(year), kpi)]
    for start, units in parts.quarters.items():
        of_quarter = to_date(start) if start == quarter else None
        rows.append(_row(ALL, "quarter", start, plus_months(start, 3) - _DAY, units, of_quarter, kpi))
    for start, units in parts.months.items():
        of_month = in_month if start == month else None
        rows.append(_row(ALL, "month", start, last_of_month(start), units, of_month, kpi))
    weeks: dict[date, int] = defaultdict(int)
    for one, units in parts.days.items():
        weeks[monday_of(one)] += units
        rows.append(_row(ALL, "day", one, one, units))
    for monday, units in weeks.items():
        sunday = min(monday + 6 * _DAY, last_of_month(month))
        rows.append(_row(ALL, "week", max(monday, month), sunday, units))
    return rows


def _of_people(
    parts: Parts,
    org_id: str,
    metric: str,
    employees: Sequence[Row],
    known: Mapping[tuple[str, str, str], Row],
    day: date,
) -> list[Row]:
    month = first_of_month(day)
    rows: list[Row] = []
    by_person: dict[str, dict[date, int]] = defaultdict(dict)
    for one, units in parts.days.items():
        people = people_of(one, org_id, employees)
        for person, part in zip(people, largest_remainder(units, [1] * len(people)), strict=True):
            by_person[person][one] = part
            rows.append(_row(person, "day", one, one, part))
    for person, days in by_person.items():
        to_date = sum(units for one, units in days.items() if one <= day)
        kpi = known.get((EMPLOYEE, person, metric))
        rows.append(_row(person, "month", month, last_of_month(month), sum(days.values()), to_date, kpi))
    return rows


_DAY = timedelta(days=1)


def _row(
    employee_id: str,
    period_kind: str,
    start: date,
    end: date,
    units: int,
    to_date: int | None = None,
    kpi: Row | None = None,
) -> Row:
    """One row. `to_date`: units up to D, of a period in hand only, and only that is compared with the figure."""
    actual = None
    if to_date is not None and kpi is not None and start <= kpi["value_month"] <= end:
        gained = kpi[f"{period_kind}_to_date"]
        actual = None if gained is None else rounded(gained, 2)
    return {
        "employee_id": employee_id,
        "period_kind": period_kind,
        "period_start": start,
        "period_end": end,
        "target": units * UNIT,
        "target_to_date": None if to_date is None else to_date * UNIT,
        "actual": actual,
        "run_rate": float(Fraction(actual) / Fraction(to_date * UNIT)) if actual is not None and to_date else None,
    }
