"""Days as whole numbers since 1970-01-01, months as whole numbers since January 1970."""

from __future__ import annotations

from datetime import date

import numpy as np

from fenceng.sample.streams import Int

_EPOCH = date(1970, 1, 1).toordinal()

# Fixed national holidays; a sample needs no movable ones.
_HOLIDAYS = {(1, 1), (5, 1), (10, 1), (10, 2), (10, 3)}


def day_number(day: date) -> int:
    """Return the number of days since 1970-01-01."""
    return day.toordinal() - _EPOCH


def as_date(day: int) -> date:
    """Turn a day number back into a date."""
    return date.fromordinal(day + _EPOCH)


def month_of(day: int) -> int:
    """Return the number of months since January 1970."""
    found = as_date(day)
    return (found.year - 1970) * 12 + found.month - 1


def month_start(month: int) -> int:
    """Return the day number of a month's first day."""
    return day_number(date(1970 + month // 12, month % 12 + 1, 1))


def month_end(month: int) -> int:
    """Return the day number of a month's last day."""
    return month_start(month + 1) - 1


def months_of(days: Int) -> Int:
    """Turn day numbers into months since January 1970 (same shape)."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def month_starts(months: Int) -> Int:
    """Turn months into the day numbers of their first days (same shape)."""
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def compact_dates(days: Int) -> Int:
    """Turn day numbers into numbers such as 20260131 (same shape)."""
    months = months_of(days)
    return (1970 + months // 12) * 10000 + (months % 12 + 1) * 100 + days - month_starts(months) + 1


def visiting_days(month: int) -> Int:
    """Day numbers of a month's Mondays to Fridays without the fixed holidays."""
    days = [
        day
        for day in range(month_start(month), month_start(month + 1))
        if as_date(day).weekday() < 5 and (as_date(day).month, as_date(day).day) not in _HOLIDAYS
    ]
    return np.array(days, dtype=np.int64)
