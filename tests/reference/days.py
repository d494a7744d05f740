"""Days and months as the policy counts them, and the rounding of published money."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor

import chinese_calendar


def fen(value: Decimal) -> Decimal:
    """Round published money: two places, half up."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def rounded(value: Fraction | Decimal | int, places: int) -> Decimal:
    """Round an exact value, half away from zero."""
    whole = floor(abs(Fraction(value)) * 10**places + Fraction(1, 2))
    return Decimal(-whole if value < 0 else whole).scaleb(-places)


def first_of_month(day: date) -> date:
    """M."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """Return the last calendar day of the month of `day`."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def plus_months(day: date, count: int) -> date:
    """The same day that many months later or earlier, or the last day of a shorter month."""
    number = day.year * 12 + day.month - 1 + count
    year, month = number // 12, number % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def year_before(day: date) -> date:
    """D - 12 months; 29 February becomes 28 February."""
    return plus_months(day, -12)


def first_of_quarter(month: date) -> date:
    """The first day of the calendar quarter of a month."""
    return month.replace(month=(month.month - 1) // 3 * 3 + 1, day=1)


def first_of_year(month: date) -> date:
    """The first day of the year of a month."""
    return month.replace(month=1, day=1)


def next_anniversary(of: date, day: date) -> date:
    """The next day on or after `day` with the month and day of `of`; 29 February is 1 March in a common year."""
    for year in (day.year, day.year + 1):
        is_leap_day = (of.month, of.day) == (2, 29) and not calendar.isleap(year)
        found = date(year, 3, 1) if is_leap_day else of.replace(year=year)
        if found >= day:
            break
    return found


def monday_of(day: date) -> date:
    """The Monday of the week of `day`."""
    return day - timedelta(days=day.weekday())


def working_days(first: date, last: date) -> int:
    """Working days of the Chinese calendar from first to last, both included."""
    return len(working_days_of(first, last))


def working_days_of(first: date, last: date) -> list[date]:
    """The working days from first to last, both included, in order."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if chinese_calendar.is_workday(day)]


def completed_years(since: date, day: date) -> int:
    """Whole years between two days; a year is complete on the same calendar day."""
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))


def months_before(month: date, count: int) -> date:
    """The first day of the month that many months before a month."""
    return plus_months(month, -count)
