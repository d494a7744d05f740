"""The calendar of working days that a release keeps (docs/semantics 9.9)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from expectations.policy.sheets import read_sheet


@dataclass(frozen=True)
class _Kind:
    """What a day is: of the week, or an announced exception; the name in each language."""

    is_working: bool
    en: str
    zh: str


@dataclass(frozen=True)
class Day:
    """A day of the calendar. weekday, occasion: English and Chinese; occasion: of an announced exception, or None.

    number, of: its place among the working days of its month, D included if it is one, and how many there are.
    """

    on: date
    is_working: bool
    weekday: tuple[str, str]
    occasion: tuple[str, str] | None
    number: int
    of: int


class Calendar:
    """Days of the week, and the announced holidays and make-up days."""

    def __init__(self, folder: Path) -> None:
        """folder: of the reference seeds."""
        self._exceptions = {
            date.fromisoformat(cell["calendar_date"]): _kind(cell, "holiday")
            for cell in _cells(folder / "ref_calendar_exception.csv")
        }
        self._weekdays = {int(cell["iso_weekday"]): _kind(cell, "label") for cell in _cells(folder / "ref_weekday.csv")}

    def is_working(self, day: date) -> bool:
        """Whether people work on a day; a year that is not announced has no exceptions."""
        return (self._exceptions.get(day) or self._weekdays[day.isoweekday()]).is_working

    def is_announced(self, year: int) -> bool:
        """Whether the holidays of a year are announced."""
        return any(day.year == year for day in self._exceptions)

    def day(self, on: date) -> Day:
        """A day with its names and its place in the month."""
        first = on.replace(day=1)
        month = [first + timedelta(days=n) for n in range(31)]
        working = [day for day in month if day.month == on.month and self.is_working(day)]
        week, exception = self._weekdays[on.isoweekday()], self._exceptions.get(on)
        return Day(
            on,
            self.is_working(on),
            (week.en, week.zh),
            (exception.en, exception.zh) if exception else None,
            sum(day <= on for day in working),
            len(working),
        )

    def next_after(self, day: date) -> Day:
        """The next working day."""
        day += timedelta(days=1)
        while not self.is_working(day):
            day += timedelta(days=1)
        return self.day(day)


def _cells(file: Path) -> list[Mapping[str, str]]:
    return [line.cells for line in read_sheet(file).lines]


def _kind(cell: Mapping[str, str], name: str) -> _Kind:
    return _Kind(cell["is_working_day"] == "true", cell[f"{name}_en"], cell[f"{name}_zh"])
