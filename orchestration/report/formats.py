"""Numbers, amounts and months as each language writes them."""

from __future__ import annotations

from datetime import date
from typing import Any

from orchestration.report.labels import Text
from orchestration.report.sharing import HIDDEN

NOTHING = "–"
_ENGLISH = ((1e9, "bn"), (1e6, "m"), (1e3, "k"))
_CHINESE = ((1e8, "亿"), (1e4, "万"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def number(value: Any) -> Text:
    """A count; `*` if it is hidden, a dash if there is none."""
    return _same(value, lambda known: f"{known:,.0f}")


def signed(value: Any) -> Text:
    """A change, with its sign."""
    return _same(value, lambda known: f"{known:+,.0f}".replace("-", "−") if known else "0")


def percent(value: Any) -> Text:
    """A share of one, in percent."""
    return _same(value, lambda known: f"{known:.1%}")


def money(value: Any) -> Text:
    """An amount in CNY, three to five digits with its unit: 31.43亿 in Chinese, 3.14 bn in English."""
    if value is None or value == HIDDEN:
        return _same(value, str)
    return Text(_scaled(value, _ENGLISH, " "), _scaled(value, _CHINESE, ""))


def month(first_day: str) -> Text:
    """A month, from the ISO text of its first day."""
    day = date.fromisoformat(first_day)
    return Text(f"{_MONTHS[day.month - 1]} {day.year}", f"{day.year}年{day.month}月")


def day(iso: str) -> Text:
    """A date, from its ISO text."""
    found = date.fromisoformat(iso)
    return Text(f"{found.day} {_MONTHS[found.month - 1]} {found.year}", f"{found.year}年{found.month}月{found.day}日")


def known(value: Any) -> bool:
    """Whether a figure is there and shown."""
    return value is not None and value != HIDDEN


def _same(value: Any, written: Any) -> Text:
    text = NOTHING if value is None else HIDDEN if value == HIDDEN else str(written(value))
    return Text(text, text)


def _scaled(value: float, units: tuple[tuple[float, str], ...], between: str) -> str:
    for size, unit in units:
        if abs(value) >= size:
            scaled = value / size
            places = 2 if abs(scaled) < 100 else 1 if abs(scaled) < 1000 else 0
            return f"{scaled:,.{places}f}{between}{unit}".replace("-", "−")
    return f"{value:,.0f}".replace("-", "−")
