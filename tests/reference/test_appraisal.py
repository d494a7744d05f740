"""Appraisals by hand: who has a row, the grades at their bounds, and the days on which they are overdue."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from .appraisal import appraisal_rows
from .landing import Accepted, Row

DAY = date(2025, 3, 31)
THIS, LAST, BEFORE = date(2025, 1, 1), date(2024, 1, 1), date(2023, 1, 1)


def person(employee_id: str, role: str = "branch_president", left: date | None = None, hired: date = BEFORE) -> Row:
    """A leader of the branch."""
    return {"employee_id": employee_id, "role": role, "org_id": "BR", "hired_on": hired, "left_on": left}


def appraised(
    people: list[Row], scores: list[Row] | None = None, feedback: list[Row] | None = None, day: date = DAY
) -> dict[tuple[date, str], Row]:
    """(year, person) -> row."""
    data = Accepted(rows={"employee": people, "appraisal_score": scores or [], "appraisal_feedback": feedback or []})
    rows = appraisal_rows(data, day)
    keyed = {(row["year"], row["employee_id"]): row for row in rows}
    assert len(keyed) == len(rows)
    return keyed


def points(year: date, leader: str | None, performance: str | None, name: str = "P") -> list[Row]:
    """The parts that were delivered."""
    given = {"leader": leader, "performance": performance}
    return [
        {"employee_id": name, "year": year, "part": part, "score": Decimal(score)}
        for part, score in given.items()
        if score is not None
    ]


def said(received: date, channel: str = "questionnaire", score: str | None = None, name: str = "P") -> Row:
    """A piece of feedback."""
    value = None if score is None else Decimal(score)
    return {"employee_id": name, "channel": channel, "received_on": received, "score": value}


def test_who_has_a_row() -> None:
    """This year whoever is there, last year whoever was there on its last day, else whoever was spoken of."""
    people = [
        person("P"),
        person("V", "branch_vice_president", hired=date(2025, 3, 31)),
        person("F", "chief_financial_officer", left=date(2025, 1, 1)),
        person("G", left=date(2024, 12, 31)),
        person("H", hired=date(2025, 4, 1)),
        person("D", "corporate_department_head"),
        person("S", "teller", left=date(2020, 1, 1)),
    ]
    rows = appraised(
        people,
        points(BEFORE, "1", None, "D") + points(LAST, "1", None, "gone"),
        [said(date(2022, 5, 5), name="S"), said(date(2025, 1, 2), name="nobody")],
    )
    assert set(rows) == {
        (THIS, "P"),
        (LAST, "P"),
        (THIS, "V"),
        (LAST, "F"),
        (BEFORE, "D"),
        (date(2022, 1, 1), "S"),
    }


@pytest.mark.parametrize(
    ("leader", "performance", "grade", "rule_id", "is_gap_fill"),
    [
        ("50", "50", "excellent", "AG-EXCELLENT", False),
        ("45", "45", "excellent", "AG-EXCELLENT", False),
        ("45", "44.99", "good", "AG-GOOD", False),
        ("40", "40", "good", "AG-GOOD", False),
        ("40", "39.99", "pass", "AG-PASS-GAP", True),
        ("20", "50", "pass", "AG-PASS-GAP", True),
        ("20", "49.99", "pass", "AG-PASS", False),
        ("30", "30", "pass", "AG-PASS", False),
        ("30", "29.99", "fail", "AG-FAIL", False),
        ("0", "0", "fail", "AG-FAIL", False),
    ],
)
def test_grades(leader: str, performance: str, grade: str, rule_id: str, is_gap_fill: bool) -> None:
    """Each bound from both sides."""
    row = appraised([person("P")], points(LAST, leader, performance))[LAST, "P"]
    assert (row["grade"], row["rule_id"], row["is_gap_fill"]) == (grade, rule_id, is_gap_fill)
    assert (row["total_score"], row["status"]) == (Decimal(leader) + Decimal(performance), "complete")


@pytest.mark.parametrize(("leader", "status"), [("40", "partial"), (None, "open")])
def test_status(leader: str | None, status: str) -> None:
    """Three months after the year's last day it is still in time, a day later overdue."""
    for day, expected in ((DAY, status), (date(2025, 4, 1), "overdue")):
        row = appraised([person("P")], points(LAST, leader, None), day=day)[LAST, "P"]
        assert row["status"] == expected
        assert (row["total_score"], row["grade"], row["rule_id"], row["is_gap_fill"]) == (None,) * 4
    assert appraised([person("P")], points(LAST, "1", "2"), day=date(2026, 9, 9))[LAST, "P"]["status"] == "complete"


def test_feedback_of_both_halves() -> None:
    """Questionnaires by half, their scores where given, and all other channels together."""
    feedback = [
        said(date(2024, 1, 1), score="80"),
        said(date(2024, 6, 30), score="80.01"),
        said(date(2024, 6, 30)),
        said(date(2024, 7, 1), score="100"),
        said(date(2024, 12, 31)),
        *(said(date(2024, 7, 7), channel, "1") for channel in ("opinion_box", "hotline", "website")),
        said(date(2025, 1, 1), score="3"),
    ]
    rows = appraised([person("P")], feedback=feedback)
    columns = ("questionnaires_h1", "questionnaire_score_h1", "questionnaires_h2", "questionnaire_score_h2")
    assert [rows[LAST, "P"][name] for name in columns] == [3, Decimal("80.01"), 2, Decimal(100)]
    assert [rows[THIS, "P"][name] for name in columns] == [1, Decimal(3), 0, None]
    assert (rows[LAST, "P"]["other_feedback"], rows[THIS, "P"]["other_feedback"]) == (3, 0)
