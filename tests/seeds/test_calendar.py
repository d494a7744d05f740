"""The calendar seed against its source package."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import chinese_calendar
import pytest

from expectations.project import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "reference" / "ref_calendar_exception.csv"


@pytest.mark.parametrize("year", range(2004, 2027))
def test_working_days_are_those_of_the_state_councils_notices(year: int) -> None:
    with SEED.open(encoding="utf-8", newline="") as handle:
        exceptions = {
            date.fromisoformat(row["calendar_date"]): row["is_working_day"] == "true" for row in csv.DictReader(handle)
        }
    day = date(year, 1, 1)
    while day.year == year:
        expected = chinese_calendar.is_workday(day)
        assert exceptions.get(day, day.weekday() < 5) == expected, day
        day += timedelta(days=1)


def test_an_exception_differs_from_monday_to_friday() -> None:
    with SEED.open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            day = date.fromisoformat(row["calendar_date"])
            assert (day.weekday() < 5) != (row["is_working_day"] == "true"), day
