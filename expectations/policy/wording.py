"""Numbers and bands as the messages of the lint write them."""

from __future__ import annotations

from decimal import Decimal


def plain(number: Decimal) -> str:
    """A number with thousands separators and no trailing zeros: 50,000 or 0.6."""
    whole = number == number.to_integral_value()
    return f"{number.quantize(Decimal(1)):,}" if whole else f"{number.normalize():,f}"


def span(
    lower: Decimal | None,
    lower_inclusive: bool,
    upper: Decimal | None,
    upper_inclusive: bool,
) -> str:
    """A band of plain numbers in English: `from 50,000 to below 100,000`, `above 5`, `= 200,000`."""
    ends = (None if end is None else plain(end) for end in (lower, upper))
    return band(next(ends), lower_inclusive, next(ends), upper_inclusive)


def band(lower: str | None, lower_inclusive: bool, upper: str | None, upper_inclusive: bool) -> str:
    """A band in English, of numbers that are texts already."""
    if lower is not None and lower == upper:
        return f"= {lower}"
    begin = "" if lower is None else f"{'from' if lower_inclusive else 'above'} {lower}"
    if upper is None:
        return begin or "at any value"
    end = ("up to" if upper_inclusive else "below") if lower is None else ("to" if upper_inclusive else "to below")
    return f"{begin} {end} {upper}".strip()
