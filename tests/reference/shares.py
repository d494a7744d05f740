"""Whole units cut into parts by weight, so that the parts are the whole."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import floor


def largest_remainder(units: int, weights: Sequence[Fraction | int]) -> list[int]:
    """Cut units: what rounding down leaves goes to the largest fractions, of equal ones to the earlier."""
    if units < 0:
        return [-part for part in largest_remainder(-units, weights)]
    total = sum(weights)
    if total == 0:
        return [*[0] * (len(weights) - 1), units]
    exact = [Fraction(units) * weight / total for weight in weights]
    parts = [floor(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda place: (parts[place] - exact[place], place))
    for place in order[: units - sum(parts)]:
        parts[place] += 1
    return parts
