"""The yearly appraisal of the leaders of a branch: points, grade, and what has been asked of their people."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from .days import first_of_year, plus_months, rounded
from .landing import Accepted, Row
from .visits import employed

APPRAISED = {"branch_president", "branch_vice_president", "chief_financial_officer"}
GRACE_MONTHS = 3
# (from this total on, grade, rule, whether it fills a gap of the text), best first
BANDS = (
    (Decimal(90), "excellent", "AG-EXCELLENT", False),
    (Decimal(80), "good", "AG-GOOD", False),
    (Decimal(70), "pass", "AG-PASS-GAP", True),
    (Decimal(60), "pass", "AG-PASS", False),
    (Decimal("-Infinity"), "fail", "AG-FAIL", False),
)


def appraisal_rows(data: Accepted, day: date) -> list[Row]:
    """fct_appraisal: whoever was scored or spoken of, and whoever should be."""
    people = {row["employee_id"]: row for row in data.rows["employee"]}
    scores: dict[tuple[date, str], dict[str, Decimal]] = defaultdict(dict)
    for row in data.rows.get("appraisal_score", ()):
        scores[row["year"], row["employee_id"]][row["part"]] = row["score"]
    feedback: dict[tuple[date, str], list[Row]] = defaultdict(list)
    for row in data.rows.get("appraisal_feedback", ()):
        feedback[first_of_year(row["received_on"]), row["employee_id"]].append(row)
    subjects = {(year, name) for year, name in [*scores, *feedback] if name in people}
    subjects |= _due(people.values(), day)
    return [
        {
            "year": year,
            "employee_id": name,
            "role": people[name]["role"],
            "org_id": people[name]["org_id"],
            **_judged(scores.get((year, name), {}), year, day),
            **_heard(feedback.get((year, name), [])),
        }
        for year, name in subjects
    ]


def _due(people: Iterable[Row], day: date) -> set[tuple[date, str]]:
    """Of this year who is there on D, of the year before who was there on its last day."""
    this_year = first_of_year(day)
    before = this_year.replace(year=this_year.year - 1)
    moments = ((this_year, day), (before, _last_of(before)))
    return {
        (year, person["employee_id"])
        for person in people
        for year, moment in moments
        if person["role"] in APPRAISED and employed(person, moment)
    }


def _last_of(year: date) -> date:
    return year.replace(month=12, day=31)


def _judged(parts: dict[str, Decimal], year: date, day: date) -> Row:
    leader, performance = parts.get("leader"), parts.get("performance")
    total = None if leader is None or performance is None else leader + performance
    grade, rule_id, is_gap_fill = None, None, None
    if total is not None:
        _, grade, rule_id, is_gap_fill = next(band for band in BANDS if total >= band[0])
    return {
        "leader_score": leader,
        "performance_score": performance,
        "total_score": total,
        "grade": grade,
        "rule_id": rule_id,
        "is_gap_fill": is_gap_fill,
        "status": _status(len(parts), year, day),
    }


def _status(parts: int, year: date, day: date) -> str:
    if parts == 2:
        return "complete"
    if day > plus_months(_last_of(year), GRACE_MONTHS):
        return "overdue"
    return "partial" if parts else "open"


def _heard(feedback: Sequence[Row]) -> Row:
    asked = [row for row in feedback if row["channel"] == "questionnaire"]
    halves = {
        "h1": [row for row in asked if row["received_on"].month <= 6],
        "h2": [row for row in asked if row["received_on"].month > 6],
    }
    return {
        **{f"questionnaires_{half}": len(rows) for half, rows in halves.items()},
        **{f"questionnaire_score_{half}": _mean(rows) for half, rows in halves.items()},
        "other_feedback": len(feedback) - len(asked),
    }


def _mean(rows: Iterable[Row]) -> Decimal | None:
    given = [row["score"] for row in rows if row["score"] is not None]
    return rounded(Fraction(sum(given)) / len(given), 2) if given else None
