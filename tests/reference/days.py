"""Days and months as the policy counts them, and the rounding of published money."""

from __future__ import annotations

import calendar
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

import chinese_calendar


def fen(value: Decimal) -> Decimal:
    """Round published money: two places, half up."""
    return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def first_of_month(day: date) -> date:
    """M."""
    return day.replace(day=1)


def last_of_month(day: date) -> date:
    """Return the last calendar day of the month of `day`."""
    return day.replace(day=calendar.monthrange(day.year, day.month)[1])


def year_before(day: date) -> date:
    """D - 12 months; 29 February becomes 28 February."""
    length = calendar.monthrange(day.year - 1, day.month)[1]
    return date(day.year - 1, day.month, min(day.day, length))


def working_days(first: date, last: date) -> int:
    """Working days of the Chinese calendar from first to last, both included."""
    span = (last - first).days + 1
    days = (first + timedelta(days=offset) for offset in range(span))
    return sum(1 for day in days if chinese_calendar.is_workday(day))


def completed_years(since: date, day: date) -> int:
    """Whole years between two days; a year is complete on the same calendar day."""
    return day.year - since.year - ((day.month, day.day) < (since.month, since.day))


def months_before(month: date, count: int) -> date:
    """The first day of the month that many months before a month."""
    number = month.year * 12 + month.month - 1 - count
    return date(number // 12, number % 12 + 1, 1)
